/** The global that {@link ./x509.ts} needs before it is loaded. */
import "npm:reflect-metadata@0.2.2";

/** Throwaway certificates, for the simulator and the tests. */
export * from "npm:@peculiar/x509@2.2.0";

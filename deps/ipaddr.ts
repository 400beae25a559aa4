/** IPv4 and IPv6 addresses, and their networks. */
export { default } from "npm:ipaddr.js@2.5.0";

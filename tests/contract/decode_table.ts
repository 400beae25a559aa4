/**
 * What each refusal that was recorded from a real node must become. The keys
 * are the node's own words: the status, then the complaint about each
 * parameter, or else the message.
 */
export const REFUSALS: Readonly<Record<string, readonly string[]>> = {
  NotFound: [
    "400 template: no such template",
    "400 upid: no such task",
    "403 Permission check failed (pool 'nosuch' does not exist)",
    "500 Configuration file 'nodes/vm/lxc/200.conf' does not exist",
    "500 Configuration file 'nodes/vm/lxc/204.conf' does not exist",
    "500 Configuration file 'nodes/vm/lxc/208.conf' does not exist",
    "500 Configuration file 'nodes/vm/lxc/209.conf' does not exist",
    "500 Configuration file 'nodes/vm/lxc/299.conf' does not exist",
    "500 Configuration file 'nodes/vm/lxc/401.conf' does not exist",
    "500 storage 'nosuch' does not exist",
  ],
  Unreachable: [
    "500 hostname lookup 'nosuchnode' failed - failed to get address info for: nosuchnode: Name or service not known",
  ],
  AlreadyExists: [
    "400 vmid: VM 200 already exists",
    "500 CT 200 already exists on node 'vm'",
    "500 unable to create CT 240 - CT 240 already exists on node 'vm'",
  ],
  Locked: [
    "500 CT is locked (backup)",
    "500 CT is locked (create)",
  ],
  Unauthorized: [
    "401 Authentication failed!",
    "401 No ticket",
    "401 Permission denied - invalid csrf token",
    "401 authentication failure",
  ],
  PermissionDenied: [
    "403 Permission check failed",
    "403 Permission check failed (/, Sys.Audit)",
    "403 Permission check failed (/, Sys.Modify for modifying tag 'pxrun-creating2')",
    "403 Permission check failed (/, Sys.Modify)",
    "403 Permission check failed (/nodes/vm, Sys.Audit)",
    "403 Permission check failed (/sdn/zones/localnetwork/vmbr0, SDN.Use)",
    "403 Permission check failed (/storage/btrfs, Datastore.AllocateSpace)",
    "403 Permission check failed (/storage/local, Datastore.AllocateSpace)",
    "403 Permission check failed (/storage/local, Datastore.AllocateTemplate)",
    "403 Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)",
    "403 Permission check failed (/vms/200, VM.Allocate)",
    "403 Permission check failed (/vms/200, VM.Audit)",
    "403 Permission check failed (/vms/200, VM.Config.Disk|VM.Config.CPU|VM.Config.Memory|VM.Config.Network|VM.Config.Options)",
    "403 Permission check failed (/vms/200, VM.PowerMgmt)",
    "403 Permission check failed (/vms/299, VM.Audit)",
    "403 Permission check failed (/vms/403, VM.Config.Options)",
    "403 Permission check failed (changing feature flags (except nesting) is only allowed for root@pam)",
    "403 Permission check failed (changing feature flags for privileged container is only allowed for root@pam)",
    "403 Permission check failed (changing the hookscript is only allowed for root@pam)",
    "403 Permission check failed (configuring device passthrough is only allowed for root@pam)",
    "403 Permission check failed (mount point type bind is only allowed for root@pam)",
    "500 Only root can pass arbitrary filesystem paths. at /usr/share/perl5/PVE/Storage.pm line 651.",
  ],
  InvalidParameter: [
    "400 bogus: property is not defined in schema and the schema does not allow additional properties",
    "400 cores: value must have a minimum value of 1",
    "400 delete: unknown option 'nosuch'",
    "400 features: invalid format - format error / features.bogus: property is not defined in schema and the schema does not allow additional properties",
    "400 hostname: invalid format - value does not look like a valid DNS name",
    "400 memory: type check ('integer') failed - got 'lots'",
    "400 memory: value must have a minimum value of 16",
    "400 net0: invalid format - format error / net0.ip: invalid format - value does not look like a valid ipv4 network configuration",
    "400 net0: invalid format - format error / net0.name: property is missing and it is not optional",
    "400 onboot: type check ('boolean') failed - got 'true'",
    "400 onboot: type check ('boolean') failed - got 'yes'",
    "400 ostemplate: property is missing and it is not optional",
    "400 password: value must be at least 5 characters long",
    "400 skiplock: Only root may use this option.",
    "400 start: type check ('boolean') failed - got 'maybe'",
    "400 type: value 'bogus' does not have a value in the enumeration 'vm, storage, node, sdn'",
    "400 upid: unable to parse worker upid",
    "400 vmid: invalid format - value does not look like a valid VM ID",
    "400 vmid: property is missing and it is not optional",
    "400 vmid: type check ('integer') failed - got 'abc'",
  ],
  Changed: [
    "500 detected modified configuration - file changed by other user? Try again.",
  ],
  ProxmoxError: [
    `500 '"' expected, at character offset 12 (before "(end of string)") at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 934.`,
    "500 CT 200 already running",
    "500 CT 200 not running",
    "500 Not a HASH reference at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 978.",
    "500 SSH public key validation error",
    "500 VM 200 not running",
    "500 can't remove CT 200 - protection mode enabled",
    `500 malformed JSON string, neither tag, array, object, number, string or atom, at character offset 0 (before "(end of string)") at /usr/share/perl5/PVE/APIServer/AnyEvent.pm line 934.`,
    "500 no options specified",
    "500 no such file '/api3/json/version'",
    "500 storage 'btrfs' does not support templates",
    "500 unable to destroy CT 200 - container is running",
    "500 unable to shrink disk size",
    "500 unable to use snapshot name 'current' (reserved name)",
    "501 Method 'GET /nosuchpath' not implemented",
    "501 Method 'POST /version' not implemented",
    "501 Unexpected content for method 'DELETE'",
    "501 Unexpected content for method 'GET'",
    "501 chunked transfer encoding not supported",
    "501 method 'HEAD' not available",
    "501 method 'OPTIONS' not available",
    "506 upload 'Content-Type 'text/xml' not implemented",
    // Not refused, but not in the API's form either; pxrun asks for neither.
    "200 OK",
    "301 Moved Permanently",
  ],
};

/** The same for the exit statuses of tasks that failed. */
export const EXITS: Readonly<Record<string, readonly string[]>> = {
  NotFound: [
    "bridge 'vmbr9' does not exist",
    "snapshot 'nosuch' does not exist",
    "unable to create CT 200 - volume 'local:200/vm-200-disk-9.raw' does not exist",
    "unable to create CT 200 - volume 'local:vztmpl/nosuch_1_amd64.tar.zst' does not exist",
  ],
  AlreadyExists: [
    "snapshot name 's1' already used",
  ],
  Locked: [
    "CT is locked (backup)",
  ],
  ProxmoxError: [
    "command 'lxc-checkpoint -n 200 -r --foreground -D /var/lib/vz/dump' failed: exit code 1",
    "download failed: wget: unable to resolve host address 'download.proxmox.com'",
    "snapshot feature is not available",
    "unable to create CT 204 - command 'lxc-usernsexec … failed: exit code 2",
    "unable to create CT 208 - unable to create image: qemu-img: /var/lib/vz/images/208/vm-208-disk-0.raw: The image size is too large for file format 'raw'",
    "unable to create CT 209 - command 'lxc-usernsexec … failed: received interrupt",
    "unable to create CT 401 - command 'lxc-usernsexec … failed: received interrupt",
  ],
};

/** What was recorded although the client has no function for it. */
export const WITHOUT_FUNCTION: readonly string[] = [
  "DELETE /nodes/vm/lxc/206/snapshot/nosuch",
  "DELETE /nodes/vm/lxc/206/snapshot/s1",
  "GET ",
  "GET /api3/json/version",
  "GET /nodes/vm/dns",
  "GET /nodes/vm/lxc/200/feature",
  "GET /nodes/vm/lxc/200/pending",
  "GET /nodes/vm/lxc/200/snapshot",
  "GET /nodes/vm/lxc/200/status",
  "GET /nodes/vm/lxc/206/snapshot",
  "GET /nodes/vm/storage/local/status",
  "GET /nodes/vm/tasks/garbage/status",
  "GET /nodes/vm/time",
  "GET /nosuchpath",
  "POST /access/ticket",
  "POST /nodes/vm/lxc/200/snapshot",
  "POST /nodes/vm/lxc/200/status/resume",
  "POST /nodes/vm/lxc/200/status/suspend",
  "POST /nodes/vm/lxc/206/clone",
  "POST /nodes/vm/lxc/206/snapshot",
  "POST /nodes/vm/lxc/206/snapshot/s1/rollback",
  "POST /version",
  "PUT /nodes/vm/lxc/200/resize",
];

/** The kind of error that a table holds for some words. */
export function kindOf(
  table: Readonly<Record<string, readonly string[]>>,
  words: string,
): string | undefined {
  return Object.keys(table).find((kind) => table[kind]?.includes(words));
}

/** Privileges by subject and by the kind of role that has them. */
const GROUPS: Readonly<Record<string, Record<"root" | "admin" | "user" | "audit", string>>> = {
  VM: {
    root: "",
    admin: "VM.Config.Disk VM.Config.CPU VM.Config.Memory VM.Config.Network VM.Config.HWType " +
      "VM.Config.Options VM.Allocate VM.Clone VM.GuestAgent.Unrestricted VM.Migrate " +
      "VM.Replicate VM.Snapshot VM.Snapshot.Rollback",
    user: "VM.Config.CDROM VM.Config.Cloudinit VM.Console VM.Backup VM.GuestAgent.FileRead " +
      "VM.GuestAgent.FileSystemMgmt VM.GuestAgent.FileWrite VM.PowerMgmt",
    audit: "VM.Audit VM.GuestAgent.Audit",
  },
  Sys: {
    root: "Sys.PowerMgmt Sys.Modify Sys.Incoming Sys.AccessNetwork",
    admin: "Sys.Console Sys.Syslog",
    user: "",
    audit: "Sys.Audit",
  },
  Datastore: {
    root: "",
    admin: "Datastore.Allocate Datastore.AllocateTemplate",
    user: "Datastore.AllocateSpace",
    audit: "Datastore.Audit",
  },
  SDN: { root: "", admin: "SDN.Allocate SDN.Audit", user: "SDN.Use", audit: "SDN.Audit" },
  User: {
    root: "Realm.Allocate",
    admin: "User.Modify Group.Allocate Realm.AllocateUser",
    user: "",
    audit: "",
  },
  Pool: { root: "", admin: "Pool.Allocate", user: "Pool.Audit", audit: "Pool.Audit" },
  Mapping: {
    root: "",
    admin: "Mapping.Modify",
    user: "Mapping.Use",
    audit: "Mapping.Audit",
  },
};

/** The roles that every cluster has. */
export function builtinRoles(): Map<string, Set<string>> {
  const roles = new Map<string, Set<string>>([
    ["NoAccess", new Set()],
    ["Administrator", new Set(["Permissions.Modify"])],
    ["PVETemplateUser", new Set(["VM.Clone", "VM.Audit"])],
  ]);
  const add = (role: string, ...lists: string[]) => {
    const privileges = roles.get(role) ?? new Set();
    for (const name of lists.join(" ").split(" ")) if (name !== "") privileges.add(name);
    roles.set(role, privileges);
  };
  for (const [subject, { root, admin, user, audit }] of Object.entries(GROUPS)) {
    add("Administrator", root, admin, user, audit);
    add(`PVE${subject}Admin`, admin, user, audit);
    add("PVEAdmin", admin, user, audit);
    if (user !== "") add(`PVE${subject}User`, user, audit);
    add("PVEAuditor", audit);
  }
  roles.get("PVEAdmin")?.delete("Mapping.Modify");
  return roles;
}

import assert from "node:assert/strict";
import { startLxcLab } from "../../lab/mod.ts";

const recipe = `
container:
  hostname: web-1
  template: debian-13
  resources: { storage: 3 }
provisioning:
  packages: [nginx]
  users:
    - { username: deploy, shell: /bin/bash }
  files:
    - path: /etc/nginx/sites-enabled/default
      content: |
        server {
          listen 80 default_server;
          root /srv/www;
          location /whoami { return 200 "$hostname\\n"; }
        }
    - { path: /srv/www/index.html, content: "<h1>Made by pxrun</h1>\\n", owner: deploy }
  scripts:
    - name: serve
      content: |
        nginx -t
        systemctl enable nginx
        systemctl restart nginx
`;

Deno.test("a web server's recipe ends with its page at the container's address", async () => {
  await using lab = await startLxcLab("debian-13");
  const args = ["create", "-", "--yes", "--format", "json"];
  const { status, stdout, stderr } = await lab.run(args, { stdin: recipe });
  assert.equal(status, 0, stderr);
  const fetched = await lab.node.sh(
    'for path in / /whoami; do busybox wget -q -O - "http://$1$path"; done',
    JSON.parse(stdout).addresses,
  );
  assert.equal(fetched, "<h1>Made by pxrun</h1>\nweb-1\n");
});

import assert from "node:assert/strict";
import { testGuest } from "../../tests/unix.ts";

const SCRIPT = `command -v docker || echo none
apt-get update -q >/dev/null; apt-get install -qy docker.io >/dev/null; getent group docker
docker compose version; docker version --format x; docker info --format x; docker run nosuch env; echo $?
echo bytes | docker import - tiny | cut -c 1-7; docker run --rm tiny env; echo $?; docker rmi -f tiny; echo $?
docker rmi tiny; : | docker import - tiny; docker frob; systemctl stop docker; docker info; echo $?`;

Deno.test("docker runs images that were imported, where the container may nest", async () => {
  using test = await testGuest(undefined, { config: () => ({ features: "nesting=1" }) });
  const { out, err } = await test.run(SCRIPT);
  assert.equal(
    out,
    "none\ndocker:x:989:\n1.2.3\noverlay2\n125\nsha256:\n0\n0\n1\n",
  );
  assert.match(
    err,
    /'compose' is not.*Unable to find image 'nosuch'.*No such image.*is empty.*'frob'.*daemon/s,
  );
});

Deno.test("docker starts nothing where the container may not nest", async () => {
  using test = await testGuest();
  const { out, err } = await test.run(SCRIPT);
  assert.match(out, /^sha256:\n125\n/m);
  assert.match(err, /runc create failed: .*operation not permitted/);
});

# PID 1 of a lab's node, in namespaces of its own. All that the node is hangs on this process: when
# its standard input ends, because the lab is closed or whoever started it is gone, the kernel kills
# every process here, and with them go mounts, bridge and links.
#
# usage: node.sh FOLDER CACHE NAME
set -eu
folder=$1 cache=$2 name=$3

# /proc is still the outer one, and so is the number in it.
read -r pid _ </proc/self/stat
echo "$pid"

# The file system is a view of this machine's that forgets what is written.
mount --make-rprivate /
mount -t tmpfs -o mode=755 lab "$folder/view"
mkdir "$folder/view/upper" "$folder/view/work" "$folder/view/root"
mount -t overlay overlay "$folder/view/root" \
  -o "lowerdir=/,upperdir=$folder/view/upper,workdir=$folder/view/work"
cd "$folder/view/root"
mkdir -p run tmp root old var/lib/lxc var/lib/vz/template/cache
mount -t tmpfs -o mode=755 run run
mount -t tmpfs -o mode=1777 tmp tmp
mount -t tmpfs -o mode=700 home root
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t cgroup2 cgroup2 sys/fs/cgroup
mount --rbind /dev dev
mkdir run/lab run/sshd
mount --bind "$folder" run/lab
mount -t tmpfs -o mode=755 containers var/lib/lxc
mount --bind "$cache" var/lib/vz/template/cache
pivot_root . old
cd /
umount -l old
rmdir old

# Nor does LXC's configuration of this machine count, nor what it hooks into containers.
rm -rf /etc/lxc /usr/share/lxc/config /usr/share/lxc/hooks

hostname "$name"
echo "$name" >/etc/hostname
echo root:100000:65536 >/etc/subuid
echo root:100000:65536 >/etc/subgid
rm -f /etc/resolv.conf
echo nameserver 10.0.2.3 >/etc/resolv.conf
printf '127.0.0.1 localhost\n10.0.2.100 %s\n' "$name" >/etc/hosts
mkdir -p "/etc/pve/nodes/$name"
ln -sfn "nodes/$name" /etc/pve/local
mkdir "/etc/pve/nodes/$name/lxc"
ln -sfn "nodes/$name/lxc" /etc/pve/lxc

# Containers reach the outside through the bridge, and the tap0 that slirp4netns adds.
ip link set lo up
ip link add vmbr0 type bridge
ip address add 10.99.0.1/24 dev vmbr0
ip link set vmbr0 up
echo 1 >/proc/sys/net/ipv4/ip_forward
echo 1 >/proc/sys/net/ipv4/conf/all/route_localnet
nft add table ip nat
nft add chain ip nat postrouting '{ type nat hook postrouting priority 100; }'
nft add chain ip nat output '{ type nat hook output priority -100; }'
nft add rule ip nat postrouting oifname tap0 masquerade
dnsmasq --conf-file=/dev/null --user=root --pid-file --interface=vmbr0 --bind-interfaces \
  --no-hosts --no-resolv --server=10.0.2.3 --no-ping --dhcp-authoritative \
  --dhcp-range=10.99.0.100,10.99.0.199,12h --dhcp-leasefile=/run/dnsmasq.leases

# The first process has to wait for those whose parents are gone: a container does not end before its
# last process was waited for. The shell does so while it waits for the end of its input.
echo ready
exec 3<&0
cat <&3 >/dev/null &
wait $!

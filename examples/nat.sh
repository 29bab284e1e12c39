#!/bin/sh
# Two containers that reach the world, and a published port, from nothing: a daemon, a network with an uplink, and network
# namespaces for the containers, for the host and for the world outside. Run it as root. It takes away whatever it made, and
# touches nothing else.
set -eu

footbridge=$(dirname "$(readlink -f "$0")")/../footbridge
work=$(mktemp -d)
FOOTBRIDGE_SOCKET=$work/control.sock
export FOOTBRIDGE_SOCKET
daemon=''
servers=''
made=''

clean_up() {
    status=$?
    trap - EXIT
    for process in $servers $daemon; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    for namespace in $made; do
        ip netns delete "$namespace"
    done
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

show() {
    printf '\n# %s\n' "$*"
    "$@"
}

# The same in a namespace: show_in NAMESPACE COMMAND...
show_in() {
    namespace=$1
    shift
    printf '\n# in %s: %s\n' "$namespace" "$*"
    ip netns exec "$namespace" "$@"
}

# Waits until a command succeeds, five seconds at most.
await() {
    tries=0
    until "$@" >/dev/null 2>&1; do
        tries=$((tries + 1))
        [ "$tries" -lt 50 ] || {
            echo "nat.sh: gave up on: $*" >&2
            exit 1
        }
        sleep 0.1
    done
}

if [ "$(id -u)" -ne 0 ]; then
    echo "nat.sh: run me as root: sudo $0" >&2
    exit 1
fi
for namespace in fb-nat-host fb-nat-outside fb-nat-a fb-nat-b; do
    if [ -e "/run/netns/$namespace" ]; then
        echo "nat.sh: $namespace exists already; is another run going on? else: ip netns delete $namespace" >&2
        exit 1
    fi
done
for namespace in fb-nat-host fb-nat-outside fb-nat-a fb-nat-b; do
    ip netns add "$namespace"
    made="$made $namespace"
    ip -n "$namespace" link set lo up
done

# The host has a link, eth1, to a LAN; beyond it is somebody at 198.51.100.20 with a web server.
ip -n fb-nat-host link add eth1 type veth peer name eth0 netns fb-nat-outside
ip -n fb-nat-outside address add 198.51.100.20/24 dev eth0
ip -n fb-nat-outside link set eth0 up

# The first start builds, which takes about a minute; the daemon says `ready` when it is.
mkfifo "$work/said"
ip netns exec fb-nat-host "$footbridge" daemon >"$work/said" &
daemon=$!
exec 3<"$work/said"
read -r ready <&3 || {
    echo "nat.sh: the daemon did not start" >&2
    exit 1
}
echo "$ready"

# A network whose way out is an address of its own on that LAN: 198.51.100.10.
show "$footbridge" network create web --subnet 10.78.0.0/24 \
    --uplink frames:eth1,addr=198.51.100.10/24,gw=198.51.100.20
show "$footbridge" attach web --netns /run/netns/fb-nat-a --name a
show "$footbridge" attach web --netns /run/netns/fb-nat-b --name b

# From a container to the world: to the world, the container is 198.51.100.10.
show_in fb-nat-a ping -c 3 -i 0.2 198.51.100.20

# From the world to a container: port 8080 there is port 80 of b, and b sees who it is.
mkdir "$work/pages"
echo 'hello from b' >"$work/pages/index.html"
ip netns exec fb-nat-b python3 -u -m http.server -d "$work/pages" 80 >"$work/seen" 2>&1 &
servers="$servers $!"
await ip netns exec fb-nat-b curl -sS http://127.0.0.1/
show "$footbridge" publish web 8080:80 b
show_in fb-nat-outside curl -sS http://198.51.100.10:8080/
show_in fb-nat-a curl -sS http://198.51.100.10:8080/
show grep 198.51.100 "$work/seen"

show "$footbridge" ports
show "$footbridge" nat list
show "$footbridge" conntrack list

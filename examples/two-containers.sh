#!/bin/sh
# Two containers on one network, from nothing: a daemon, a network, two network namespaces, and pings between them.
# Run it as root. It takes away whatever it made, and touches nothing else.
set -eu

footbridge=$(dirname "$(readlink -f "$0")")/../footbridge
work=$(mktemp -d)
FOOTBRIDGE_SOCKET=$work/control.sock
export FOOTBRIDGE_SOCKET
daemon=''
a=''
b=''

clean_up() {
    status=$?
    trap - EXIT
    if [ -n "$daemon" ]; then
        kill "$daemon" 2>/dev/null || true
        wait "$daemon" 2>/dev/null || true
    fi
    [ -z "$a" ] || ip netns delete "$a"
    [ -z "$b" ] || ip netns delete "$b"
    rm -rf "$work"
    exit "$status"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

show() {
    printf '\n# %s\n' "$*"
    "$@"
}

if [ "$(id -u)" -ne 0 ]; then
    echo "two-containers.sh: run me as root: sudo $0" >&2
    exit 1
fi
if [ -e /run/netns/fb-demo-a ] || [ -e /run/netns/fb-demo-b ]; then
    echo "two-containers.sh: fb-demo-a or fb-demo-b exists already; is another run going on? else: ip netns delete NAME" >&2
    exit 1
fi

# The first start builds, which takes about a minute; the daemon says `ready` when it is.
mkfifo "$work/said"
"$footbridge" daemon >"$work/said" &
daemon=$!
exec 3<"$work/said"
read -r ready <&3 || {
    echo "two-containers.sh: the daemon did not start" >&2
    exit 1
}
echo "$ready"

show "$footbridge" network create demo --subnet 10.77.0.0/24 --subnet6 fd77::/64

# Two containers: here just network namespaces, each with an interface on the network.
ip netns add fb-demo-a && a=fb-demo-a
ip netns add fb-demo-b && b=fb-demo-b
show "$footbridge" attach demo --netns /run/netns/fb-demo-a --name a --ip 10.77.0.10 --ip6 fd77::10
show "$footbridge" attach demo --netns /run/netns/fb-demo-b --name b --ip 10.77.0.11 --ip6 fd77::11

show ip netns exec fb-demo-a ping -c 3 -i 0.2 10.77.0.11
show ip netns exec fb-demo-a ping -c 3 -i 0.2 fd77::11
show ip netns exec fb-demo-b ping -c 1 10.77.0.1

show "$footbridge" fdb show demo
show "$footbridge" stats demo

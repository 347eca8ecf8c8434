#!/bin/sh
# window.sh WIDTH HEIGHT SECONDS COMMAND...: runs a command with an X server of its own, for at most SECONDS. A command that
# was killed after it made /scratch/again is run again, beside what the killed one left running.
width=$1 height=$2 seconds=$3
shift 3
scratch=${SCRATCH:-/scratch}
# what an earlier window left names a server that is gone
rm -f "$scratch/display"
mkdir -p /tmp/.X11-unix
chmod 1777 /tmp/.X11-unix
# the server picks a free number itself, and writes it when it is ready
Xvfb -displayfd 3 -screen 0 "${width}x${height}x24" -noreset -nolisten tcp 3>"$scratch/display" 2>"$scratch/xvfb.log" &
server=$!
tries=0
until [ -s "$scratch/display" ]; do
    tries=$((tries + 1))
    [ $tries -gt 600 ] && { echo "Xvfb does not start:" >&2; cat "$scratch/xvfb.log" >&2; exit 90; }
    sleep 0.1
done
while
    rm -f "$scratch/again"
    DISPLAY=":$(cat "$scratch/display")" timeout -k 5 "$seconds" "$@"
    code=$?
    [ $code = 137 ] && [ -e "$scratch/again" ]
do :; done
kill $server
exit $code

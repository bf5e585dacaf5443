#!/bin/sh
# Ends workerd when its parent is gone, however it went: the parent holds the other end of standard input and never
# writes to it, so that reading returns when the parent is no more. A parent that ended workerd itself has removed
# the file.
trap '' HUP INT TERM
read -r _
[ -f "$1/workerd.pid" ] && kill -9 "$(cat "$1/workerd.pid")" 2>/dev/null
rm -f "$1/workerd.pid"

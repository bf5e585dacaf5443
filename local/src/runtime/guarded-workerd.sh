#!/bin/sh
# Stands in for workerd. Leaves the process id where the watchdog looks for it before the runtime starts, so that at
# no moment one runs unwatched; `exec` keeps the id and the pipes to the parent.
echo $$ >"$CELL_MONITOR_RUN/workerd.pid" || exit 1
kill -0 "$CELL_MONITOR_WATCHDOG" 2>/dev/null || exit 1
exec "$CELL_MONITOR_RUN/workerd" "$@"

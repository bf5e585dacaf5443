# Sourced by .ci/run: the servers that the suites test against for real.

# Installs what is missing. Nothing that is there is touched.
install_services() {
  local missing=()
  command -v chromium >/dev/null || missing+=(chromium fonts-noto-cjk)
  command -v influxd >/dev/null || missing+=(influxdb)
  command -v victoria-metrics >/dev/null || missing+=(victoria-metrics)
  command -v redis-server >/dev/null || missing+=(redis-server)
  [ -n "$(postgres_bin)" ] || missing+=(postgresql)
  python3 -c 'import venv, ensurepip' 2>/dev/null || missing+=(python3-venv)
  [ ${#missing[@]} -eq 0 ] && return
  echo "Installing ${missing[*]} …" >&2
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

postgres_bin() {
  ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1
}

# Starts a PostgreSQL of its own on a free port, and stops it when the shell ends.
start_postgres() {
  local bin port
  bin=$(postgres_bin)
  POSTGRES_DIR=$(mktemp -d)
  chown postgres "$POSTGRES_DIR"
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  as_postgres() { (cd / && runuser -u postgres -- "$@"); }
  as_postgres "$bin/initdb" -D "$POSTGRES_DIR/data" -A trust -E UTF8 >/dev/null
  trap 'as_postgres "'"$bin"'/pg_ctl" -D "$POSTGRES_DIR/data" -m immediate stop >/dev/null; rm -rf "$POSTGRES_DIR"' EXIT
  as_postgres "$bin/pg_ctl" -D "$POSTGRES_DIR/data" -w -l "$POSTGRES_DIR/log" \
    -o "-c listen_addresses=127.0.0.1 -p $port -c unix_socket_directories=$POSTGRES_DIR" start >/dev/null
  export TEST_DATABASE_URL="postgres://postgres@127.0.0.1:$port/postgres"
}

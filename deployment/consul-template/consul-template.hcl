# Looks after the worker. Where Consul is, and how to get in, its own variables say: CONSUL_HTTP_ADDR, CONSUL_HTTP_TOKEN.

template {
  source      = "/etc/consul-template/config.ini.ctmpl"
  destination = "/var/lib/artwork-reconciler/config.ini"
  perms       = 0600
}

exec {
  command       = ["node", "bin/artwork-reconciler.js", "worker", "--config", "/var/lib/artwork-reconciler/config.ini"]
  reload_signal = "SIGHUP"
  kill_signal   = "SIGTERM"
  # A worker ends within 25 seconds; then SIGKILL.
  kill_timeout  = "30s"
}

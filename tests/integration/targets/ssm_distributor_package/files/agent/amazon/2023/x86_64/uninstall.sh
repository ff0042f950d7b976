rm -f /var/tmp/agent

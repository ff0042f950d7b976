touch /var/tmp/agent

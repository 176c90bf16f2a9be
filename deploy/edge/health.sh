#!/bin/bash
# Whether nginx answers; bash opens the socket, so that no curl is needed.
exec 3<>/dev/tcp/127.0.0.1/8080 || exit 1
printf 'GET /edge-health HTTP/1.0\r\n\r\n' >&3
read -r _ status _ <&3
[ "$status" = 200 ]

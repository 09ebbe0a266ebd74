#!/bin/bash
# usage: CNI_PATH=… CNI_NETNS=… CNI_IFNAME=… [CONTAINER=…] kill-rounds.sh CONFIG LANE ADD|DEL KILLS SEED [PLUGIN]
#
# Attaches one container after the other and kills the verb at a random moment of it; a DEL that is not killed follows. One line per
# round: "killed" or "finished" (before the moment), or what went wrong; it ends after so many kills. The shell itself starts and kills
# the plugin, since entering the sandbox for each of them would take longer, and less evenly, than the plugin.
set -u
config=$1 lane=$2 verb=$3 kills=$4 type=${6:-bridge}
RANDOM=$5
exec {never}<> <(:)

plugin() { CNI_COMMAND=$1 exec "$CNI_PATH/$type" <"$config"; }

# A chained plugin works on the one CONTAINER that another plugin has attached.
container() { export CNI_CONTAINERID=${CONTAINER:-$lane-$1}; }

# The median of the microseconds that a call takes, its start included.
measure() {
  local durations=() verb start
  container measured
  for _ in {1..20}; do
    for verb in ADD DEL; do
      start=${EPOCHREALTIME/./}
      (plugin "$verb") >/dev/null
      [[ $verb != "$1" ]] || durations+=($((${EPOCHREALTIME/./} - start)))
    done
  done
  printf '%s\n' "${durations[@]}" | sort -n | sed -n 11p
}

longest=$(measure "$verb")
for ((round = 0; kills > 0 && round < 4 * $4; round++)); do
  container "$round"
  if [[ $verb == DEL ]] && ! answer=$(plugin ADD); then
    echo "ADD: $answer"
    continue
  fi
  plugin "$verb" >/dev/null 2>&1 &
  pid=$!
  printf -v delay '0.%06d' $((longest * RANDOM / 32768))
  read -rt "$delay" -u "$never"
  kill -KILL "$pid" 2>/dev/null
  wait "$pid" 2>/dev/null
  status=$?
  if ! answer=$(plugin DEL 2>&1) || [[ -n $answer ]]; then
    echo "DEL: $answer"
  elif ((status == 137)); then
    echo killed
    kills=$((kills - 1))
    # How long a call takes changes with what else the machine does: a third of the moments shall lie behind its end, so that the end
    # is among those that are hit.
    longest=$((longest + longest / 100))
  else
    echo finished
    longest=$((longest - longest / 50))
  fi
done

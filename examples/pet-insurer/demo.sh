#!/bin/sh
# Investigate the shipped break-in, print the answer, hold it against the truth, and end in the console.
#   DEMO=folder   where the case and the answer go (default: demo/ in the checkout; made anew each time)
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
root=$(CDPATH='' cd -- "$here/../.." && pwd)
demo=${DEMO:-$root/demo}
PATH=$root/.venv/bin:$PATH
export PATH

# Only what an earlier demo made is removed.
if [ -e "$demo" ] && [ ! -e "$demo/.ashiato-demo" ]; then
  echo "demo: $demo is there and was not made by this demo; name another folder with DEMO=..." >&2
  exit 1
fi
rm -rf -- "$demo"
mkdir -p -- "$demo/snapshot"
: > "$demo/.ashiato-demo"

cp "$here/snapshot/schema.sql" "$demo/snapshot/"
for table in "$here"/snapshot/*.csv.gz; do
  gzip -dc "$table" > "$demo/snapshot/$(basename "$table" .gz)"
done

ashiato case new "$demo/case" --datamap "$here/datamap.yaml" --zone Asia/Tokyo
ashiato snapshot add "$demo/case" "$demo/snapshot" --as-of "$(cat "$here/as-of")"
ashiato evidence add "$demo/case" "$here/evidence" --source 'examples/pet-insurer' --custodian demo
echo
ashiato investigate "$demo/case"
ashiato export "$demo/case" --to "$demo/answer" > /dev/null

echo
echo "Held against the truth of this break-in:"
python "$here/compare.py" "$demo/answer" "$here/truth"
echo
echo "Report:  $demo/answer/report.html  $demo/answer/report.pdf"
echo "Why:     ashiato explain $demo/case --person 5201"

# The console: a server of this demo's own, which knows this case and one person of staff.
cp "$here/facts.yaml" "$demo/case/facts.yaml"
ASHIATO_HOME=$demo/server
export ASHIATO_HOME
mkdir -p -- "$ASHIATO_HOME"
port=$(python "$here/console.py" port)
printf 'zone: Asia/Tokyo\nweb: {port: %s}\n' "$port" > "$ASHIATO_HOME/server.yaml"
echo
ashiato staff add demo --full-name 'Demo'
ashiato staff role "$demo/case" demo lead
echo "Console: ASHIATO_HOME=$ASHIATO_HOME ashiato serve"

if [ -n "${CI:-}" ]; then # nobody looks: that it answers is enough
  ashiato serve &
  server=$!
  trap 'kill "$server" 2> /dev/null' EXIT
  python "$here/console.py" wait "$port"
  echo "The console answered at port $port."
elif [ -t 1 ]; then # it opens by itself, and Ctrl-C ends it
  (python "$here/console.py" open "$port") &
  exec ashiato serve
fi

#!/bin/sh
# Investigate the shipped break-in, print the answer, and hold it against the truth.
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

# Open the report where there is a desktop and somebody looking.
if [ -t 1 ] && [ -z "${CI:-}" ]; then
  if command -v open > /dev/null && [ "$(uname)" = Darwin ]; then
    open "$demo/answer/report.html"
  elif [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ] && command -v xdg-open > /dev/null; then
    xdg-open "$demo/answer/report.html" > /dev/null 2>&1 &
  fi
fi

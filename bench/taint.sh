#!/bin/sh
# Measures what following costs, and shows it: writes bench/taint.json, the tables of bench/taint.md and
# bench/cost.svg.
#   bench/taint.sh BUILD [FLAG...]   BUILD is the folder of a release build; flags are taint_figures'
#   bench/taint.sh                   the tables and the drawing anew, from bench/taint.json
# It takes jq and gnuplot. By default it needs 8 GB of memory and of disk, in the folder for temporary
# files, and half an hour in which the machine does nothing else.
set -eu
bench=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -gt 0 ]; then
  build=$1
  shift
  "$build/bench/taint_figures" --folder "$work/ledger" \
    --commit "$(git -C "$bench" rev-parse --short HEAD)" "$@" > "$work/figures.json"
  "$build/bench/bounds_bench" --benchmark_format=json > "$work/bounds.json"
  cpu=$(sed -n 's/^model name[[:space:]]*: //p' /proc/cpuinfo | head -n 1)
  jq --slurpfile bounds "$work/bounds.json" --arg cpu "$cpu" --argjson cores "$(nproc)" \
    --arg memory "$(sed -n 's/^MemTotal:[[:space:]]*//p' /proc/meminfo)" '
    . + {machine: {cpu: $cpu, cores: $cores, memory: $memory},
         bounds: [$bounds[0].benchmarks[] |
                  {name, cpu_milliseconds: .cpu_time, movements, bounds}]}' \
    "$work/figures.json" > "$bench/taint.json"
fi

# The tables, as they stand in bench/taint.md between two marks.
jq -r '
  def in2: . * 100 | round / 100 | tostring;
  # So that no figure comes to be its aim by rounding.
  def down: . * 100 | floor / 100 | tostring;
  def up: . * 100 | ceil / 100 | tostring;
  def thousands: round | tostring | [range(length; 0; -3) as $stop |
    .[([$stop - 3, 0] | max):$stop]] | reverse | join(",");
  def row: "| " + join(" | ") + " |";
  def reached(good): if good then "yes" else "**no**" end;
  . as $all |
  def of($part; $policy; $whole): $all[$part].traces[] |
    select(.policy == $policy and .flows_and_patterns == $whole);
  def least($name; $aim; f): [$name, (f | down), "at least \($aim)", reached(f >= ($aim | tonumber))];
  def most($name; $aim; f): [$name, (f | up), "at most \($aim)", reached(f <= ($aim | tonumber))];
  def rate($name; $aim; f): [$name, (f | thousands), "above \($aim | thousands)", reached(f > $aim)];
  def theft($name): [$all.one_theft[] | select(.theft == $name)] | sort_by(.transactions);
  def slower($name): theft($name) |
    select(length > 1) | [.[0], .[-1]] |
    ["all six, the \($name) theft: \(.[1].transactions | thousands) transactions over \(.[0].transactions | thousands)",
     (.[1].all_six_cpu_seconds / .[0].all_six_cpu_seconds | in2), "1", "–"];
  "\(.machine.cpu), \(.machine.cores) cores, \(.machine.memory); \(.compiler); commit \(.commit).\n",
  (["ratio, in one run, of CPU time unless another is said", "is", "aim", "reached"] | row), "|---|--:|--:|---|",
  (least("`fifo` alone: bare reads over it, one movement in nine"; "0.5"; of("narrow"; "fifo"; false).reading_alone_over_it),
   least("the same with flows and patterns"; "0.5"; of("narrow"; "fifo"; true).reading_alone_over_it),
   least("the same, one movement in a hundred, alone"; "0.5"; of("sparse"; "fifo"; false).reading_alone_over_it),
   least("with flows and patterns"; "0.5"; of("sparse"; "fifo"; true).reading_alone_over_it),
   least("`fifo` alone, wide: a bare scan over it"; "0.333"; of("wide"; "fifo"; false).reading_alone_over_it),
   least("with flows and patterns"; "0.333"; of("wide"; "fifo"; true).reading_alone_over_it),
   least("`fifo` alone, wide, wall time on \($all.machine.cores) processors, of which one scans: a bare scan over it"; "0.333";
         of("wide"; "fifo on all processors"; false).reading_alone_over_it_by_the_clock),
   (("narrow", "wide") as $part | ($part == "wide" | if . then "wide" else "one movement in nine" end) as $words |
    most("all six over `fifo`, \($words), alone, wall time on \($all.machine.cores) processors"; "3";
         of($part; "all six on all processors"; false).wall_over_fifo),
    most("the same, over `fifo` on as many"; "3";
         of($part; "all six on all processors"; false).movements_per_wall_second as $all_six |
         of($part; "fifo on all processors"; false).movements_per_wall_second / $all_six),
    most("the same in CPU time, on one"; "3"; of($part; "all six"; false).over_fifo)),
   most("all six over `fifo`, one movement in nine, with flows and patterns, wall time on \($all.machine.cores) processors"; "3";
        of("narrow"; "all six on all processors"; true).wall_over_fifo),
   most("the same in CPU time, on one"; "3"; of("narrow"; "all six"; true).over_fifo),
   slower("small"), slower("sparse"), slower("middle"), slower("large") | row),
  "",
  (["movements in a second of CPU time", "is", "aim", "reached"] | row), "|---|--:|--:|---|",
  (rate("`fifo`, narrow and warm (one movement in nine)"; 400000; of("narrow"; "fifo"; false).movements_per_cpu_second),
   rate("`fifo`, narrow and warm (one in a hundred)"; 400000; of("sparse"; "fifo"; false).movements_per_cpu_second),
   (("fifo", "lifo", "haircut", "tiho", "libr", "poison") as $policy |
    rate("`\($policy)`, wide"; 1000000; of("wide"; $policy; false).movements_per_cpu_second)),
   ((395000, 545000) as $peer |
    rate("all six, wide, by the clock on \($all.machine.cores) processors (BlockSci, one policy: \($peer | thousands))"; $peer;
         of("wide"; "all six on all processors"; false).movements_per_wall_second)) | row),
  "",
  (["theft", "transactions in the ledger", "moved stolen coins", "read by position", "scanned",
    "`fifo`, CPU ms", "all six, CPU ms", "on all processors, wall ms", "all six, memory, MB"] | row),
  "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
  (.one_theft | sort_by(.movements, .transactions)[] |
   [.theft, (.transactions | thousands), (.movements | thousands), (.read | thousands),
    (.scanned | thousands), (.fifo_cpu_seconds * 1000 | in2), (.all_six_cpu_seconds * 1000 | in2),
    (.all_six_on_all_processors_wall_seconds * 1000 | in2),
    (.all_six_megabytes | tostring)] | row),
  "",
  (["wanted, one in"] + [.crossing.point_reads[].one_in | tostring] | row),
  ("|---" + ([.crossing.point_reads[] | "|--:"] | join("")) + "|"),
  (["µs for each read by position"] + [.crossing.point_reads[].microseconds_per_read | in2] | row),
  (["reading by position over scanning all"] + [.crossing.point_reads[].reads_over_scan | in2] | row),
  "",
  (["bounds", "CPU s", "movements", "bounds"] | row), "|---|--:|--:|--:|",
  (.bounds[] | [.name, (.cpu_milliseconds / 1000 | in2), (.movements | thousands), (.bounds // "–" | tostring)] | row)
' "$bench/taint.json" > "$work/tables"
awk -v tables="$work/tables" '
  /^<!-- tables -->$/ { print; print ""; while ((getline line < tables) > 0) print line; print ""; skip = 1 }
  /^<!-- end of tables -->$/ { skip = 0 }
  !skip' "$bench/taint.md" > "$work/taint.md"
cp "$work/taint.md" "$bench/taint.md"

# The drawing.
jq -r '.one_theft | group_by(.theft) | sort_by(.[0].movements)[] | sort_by(.transactions) |
  ("\"\(.[0].movements) movements\"", (.[] | "\(.transactions) \(.all_six_cpu_seconds * 1000)")), "", ""' \
  "$bench/taint.json" > "$work/cost.dat"
jq -r '[.one_theft[].theft] | unique | length' "$bench/taint.json" > "$work/count"
gnuplot <<EOF
set terminal svg size 720,440 enhanced background rgb 'white' font 'sans-serif,13'
set output '$bench/cost.svg'
set title 'One and the same theft, all six policies, in ledgers of growing length'
set xlabel 'transactions in the ledger'
set ylabel 'CPU time, ms'
set logscale xy
set format x '10^{%T}'
set format y '10^{%T}'
set xrange [7e4:*<2e8]
set yrange [1:*]
set grid
set key outside right top title 'stolen coins went by'
plot for [i=0:$(cat "$work/count")-1] '$work/cost.dat' index i using 1:2 with linespoints \
  lw 2 pt 7 title columnheader(1)
EOF

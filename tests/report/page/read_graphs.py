# read_graphs.py GRAPHML DOT RESULT: reads both graphs with networkx, and holds them against the result.
import json
import sys

import networkx

graphml, dot, path = sys.argv[1:]
with open(path, encoding="utf-8") as file:
    result = json.load(file)
flows = {(f["asset"], f["from"], f["to"]) for r in result["results"] for f in r["flows"]}
first = next(r for r in result["results"] if r["conserving"])
moved = sum(int(f["tainted"]) for f in first["flows"])

# Several assets may flow between two owners.
graph = networkx.read_graphml(graphml, force_multigraph=True)
assert graph.number_of_edges() == len(flows), (graph.number_of_edges(), len(flows))
key = "tainted_" + first["policy"]
assert sum(int(d.get(key, 0)) for _, _, d in graph.edges(data=True)) == moved
assert all(d["owner"] for _, d in graph.nodes(data=True))

drawn = networkx.nx_pydot.read_dot(dot)
edges = [d for _, _, d in drawn.edges(data=True)]
assert len(edges) == len(flows), (len(edges), len(flows))
named = [d for d in edges if '"%s"' % key in d or key in d]
assert sum(int((d.get('"%s"' % key) or d.get(key)).strip('"')) for d in named) == moved
# Every node has its attributes, and none is there that only an edge names.
assert all("label" in d for n, d in drawn.nodes(data=True) if n not in ("node", "\\n")), "a node without a label"
print(graph.number_of_nodes(), "nodes,", len(flows), "edges: GraphML and DOT agree with the result")

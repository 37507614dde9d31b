#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "lib/report/case_graph.h"
#include "spoor/report/case_files.h"

namespace spoor {
namespace {

// A text in quotes: as it stands, whatever it holds.
std::string Quoted(absl::string_view text) {
  return absl::StrCat("\"", absl::StrReplaceAll(text, {{"\\", "\\\\"}, {"\"", "\\\""}}), "\"");
}

// Of the palette of Okabe and Ito, which the colour-blind can tell apart; the shape says it too.
absl::string_view Style(const CaseView::Owner& owner) {
  if (owner.seed) return "shape=doubleoctagon, fillcolor=\"#d55e00\"";
  if (owner.sanctioned) return "shape=octagon, fillcolor=\"#cc79a7\"";
  if (!owner.category.empty()) return "shape=box, fillcolor=\"#56b4e9\"";
  if (owner.name == "fee" || owner.name == "burned") return "shape=plaintext, fillcolor=white";
  return "shape=ellipse, fillcolor=\"#f5f5f5\"";
}

}  // namespace

std::string CaseToDot(const TraceDocument& document) {
  const CaseView view(document);
  const CaseGraph graph(view);
  const std::optional<size_t> policy = view.main_policy();
  std::string out = "digraph spoor {\n  rankdir=LR;\n  node [style=filled];\n";
  for (size_t i = 0; i < graph.nodes().size(); ++i) {
    const CaseGraph::Node& node = graph.nodes()[i];
    const std::string resting = graph.Resting(node);
    std::string label = Quoted(node.label);
    if (!resting.empty()) {
      label.insert(label.size() - 1,
                   absl::StrCat("\\n", Quoted(resting).substr(1, Quoted(resting).size() - 2)));
    }
    absl::StrAppend(&out, "  n", i, " [label=", label, ", tooltip=", Quoted(node.owner->name),
                    ", chain=", Quoted(node.owner->chain));
    for (const auto& [name, text] :
         {std::pair("cluster", &node.owner->cluster), std::pair("actor", &node.owner->actor),
          std::pair("category", &node.owner->category)}) {
      if (!text->empty()) absl::StrAppend(&out, ", ", name, "=", Quoted(*text));
    }
    absl::StrAppend(&out, ", ", Style(*node.owner), "];\n");
  }
  for (const CaseView::Flow& flow : view.flows()) {
    const TraceDocument::Flow* shown = policy.has_value() ? flow.by_policy[*policy] : nullptr;
    // An edge only of other policies is there without a label.
    absl::StrAppend(&out, "  n", graph.From(flow), " -> n", graph.To(flow), " [");
    if (shown != nullptr) {
      absl::StrAppend(&out, "label=", Quoted(view.Coins(shown->tainted, shown->asset)), ", ");
    } else {
      absl::StrAppend(&out, "style=dotted, ");
    }
    absl::StrAppend(&out, "asset=", Quoted(flow.any->asset));
    for (size_t i = 0; i < flow.by_policy.size(); ++i) {
      if (flow.by_policy[i] == nullptr) continue;
      absl::StrAppend(&out, ", ", Quoted(absl::StrCat("tainted_", view.results()[i].policy)), "=",
                      Quoted(ToDecimal(flow.by_policy[i]->tainted)));
    }
    absl::StrAppend(&out, "];\n");
  }
  return out + "}\n";
}

}  // namespace spoor

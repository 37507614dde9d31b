#ifndef SPOOR_LIB_REPORT_CASE_GRAPH_H_
#define SPOOR_LIB_REPORT_CASE_GRAPH_H_

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "lib/report/case_view.h"

namespace spoor {

// A case's owners as numbered nodes, for the formats of graphs.
class CaseGraph {
 public:
  explicit CaseGraph(const CaseView& view);

  struct Node {
    const CaseView::Owner* owner;
    std::string label;  // the actor, else a short name
  };
  const std::vector<Node>& nodes() const { return nodes_; }
  size_t From(const CaseView::Flow& flow) const { return at_.at(view_.From(flow)); }
  size_t To(const CaseView::Flow& flow) const { return at_.at(view_.To(flow)); }
  // What rests at an owner, by the main policy: "1.5 BTC, 20 USDT".
  std::string Resting(const Node& node) const;

 private:
  const CaseView& view_;
  std::vector<Node> nodes_;
  std::map<std::pair<std::string, std::string>, size_t> at_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_CASE_GRAPH_H_

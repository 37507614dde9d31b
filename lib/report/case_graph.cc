#include "lib/report/case_graph.h"

#include "absl/strings/str_cat.h"

namespace spoor {
namespace {

constexpr size_t kLongestName = 24;

// Cut in its middle, at whole characters, if it is long.
std::string Short(const std::string& name) {
  if (name.size() <= kLongestName) return name;
  const auto whole = [&](size_t at) {
    while (at > 0 && (static_cast<uint8_t>(name[at]) & 0xc0) == 0x80) --at;
    return at;
  };
  return absl::StrCat(name.substr(0, whole(12)), "...", name.substr(whole(name.size() - 8)));
}

}  // namespace

CaseGraph::CaseGraph(const CaseView& view) : view_(view) {
  for (const auto& [key, owner] : view.owners()) {
    at_[key] = nodes_.size();
    nodes_.push_back({&owner, owner.actor.empty() ? Short(owner.name) : owner.actor});
  }
}

std::string CaseGraph::Resting(const Node& node) const {
  const std::optional<size_t> policy = view_.main_policy();
  std::string text;
  for (const auto& [asset, units] : node.owner->resting) {
    if (!policy.has_value() || units[*policy] == 0) continue;
    absl::StrAppend(&text, text.empty() ? "" : ", ", view_.Coins(units[*policy], asset));
  }
  return text;
}

}  // namespace spoor

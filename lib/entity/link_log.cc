#include "lib/entity/link_log.h"

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {

using cluster_rows::kChunkLinks;
using cluster_rows::kLinks;

absl::Status LinkLog::LoadChunk(uint64_t chunk) {
  const std::string key = cluster_rows::Key(generation_, kLinks, chunk);
  SPOOR_ASSIGN_OR_RETURN(const std::optional<std::string> row, ReadRow(*table_, key));
  if (!row.has_value()) {
    return absl::DataLossError(absl::StrCat("clusters: link ", chunk * kChunkLinks, " is missing"));
  }
  SPOOR_ASSIGN_OR_RETURN(links_, cluster_rows::DecodeLinks(*row));
  first_ = chunk * kChunkLinks;
  return absl::OkStatus();
}

absl::Status LinkLog::Load(const LedgerTable* table, uint8_t generation, uint64_t size) {
  table_ = table;
  generation_ = generation;
  rows_ = (size + kChunkLinks - 1) / kChunkLinks;
  first_ = size / kChunkLinks * kChunkLinks;
  links_.clear();
  if (size > first_) SPOOR_RETURN_IF_ERROR(LoadChunk(first_ / kChunkLinks));
  if (this->size() != size) {
    return absl::DataLossError(
        absl::StrCat("clusters: found ", this->size(), " links, wanted ", size));
  }
  return absl::OkStatus();
}

absl::Status LinkLog::Last(Link* link) {
  if (links_.empty()) {
    SPOOR_CHECK(first_ > 0);
    SPOOR_RETURN_IF_ERROR(LoadChunk(first_ / kChunkLinks - 1));
    if (links_.size() != kChunkLinks) return absl::DataLossError("clusters: links are missing");
  }
  *link = links_.back();
  return absl::OkStatus();
}

void LinkLog::AppendChanges(std::vector<LedgerTable::Change>* changes) const {
  uint64_t chunk = first_ / kChunkLinks;
  for (uint64_t i = 0; i < links_.size(); i += kChunkLinks, ++chunk) {
    std::string row;
    for (uint64_t j = i; j < std::min<uint64_t>(i + kChunkLinks, links_.size()); ++j) {
      cluster_rows::EncodeLink(links_[j], &row);
    }
    changes->push_back({cluster_rows::Key(generation_, kLinks, chunk), std::move(row)});
  }
  for (; chunk < rows_; ++chunk) {
    changes->push_back({cluster_rows::Key(generation_, kLinks, chunk), std::nullopt});
  }
}

void LinkLog::ForgetChanges() {
  rows_ = (size() + kChunkLinks - 1) / kChunkLinks;
  const uint64_t whole = links_.size() / kChunkLinks * kChunkLinks;
  links_.erase(links_.begin(), links_.begin() + static_cast<ptrdiff_t>(whole));
  first_ += whole;
}

}  // namespace spoor

#include "lib/entity/link_log.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {

using cluster_rows::kChunkLinks;
using cluster_rows::kLinks;

absl::Status LinkLog::LoadChunk(uint64_t chunk) {
  const std::string key = cluster_rows::Key(generation_, kLinks, chunk);
  if (!whole_.empty()) {
    SPOOR_CHECK(whole_.back().key == key);
    SPOOR_ASSIGN_OR_RETURN(links_, cluster_rows::DecodeLinks(*whole_.back().value));
    whole_.pop_back();
  } else {
    SPOOR_ASSIGN_OR_RETURN(const std::optional<std::string> row, ReadRow(*table_, key));
    if (!row.has_value()) {
      return absl::DataLossError(
          absl::StrCat("clusters: link ", chunk * kChunkLinks, " is missing"));
    }
    SPOOR_ASSIGN_OR_RETURN(links_, cluster_rows::DecodeLinks(*row));
  }
  first_ = chunk * kChunkLinks;
  return absl::OkStatus();
}

absl::Status LinkLog::Load(const LedgerTable* table, uint8_t generation, uint64_t size) {
  table_ = table;
  generation_ = generation;
  rows_ = (size + kChunkLinks - 1) / kChunkLinks;
  first_ = size / kChunkLinks * kChunkLinks;
  links_.clear();
  whole_.clear();
  unwritten_bytes_ = 0;
  if (size > first_) SPOOR_RETURN_IF_ERROR(LoadChunk(first_ / kChunkLinks));
  if (this->size() != size) {
    return absl::DataLossError(
        absl::StrCat("clusters: found ", this->size(), " links, wanted ", size));
  }
  return absl::OkStatus();
}

absl::Status LinkLog::Visit(uint64_t from,
                            absl::FunctionRef<absl::Status(const Link&, uint64_t)> visit) const {
  uint64_t number = from / kChunkLinks * kChunkLinks;
  return table_->Scan(cluster_rows::Prefix(generation_, kLinks),
                      cluster_rows::Key(generation_, kLinks, from / kChunkLinks),
                      [&](absl::string_view, absl::string_view row) -> absl::Status {
                        SPOOR_ASSIGN_OR_RETURN(const auto links, cluster_rows::DecodeLinks(row));
                        for (const Link& link : links) {
                          if (number >= from) SPOOR_RETURN_IF_ERROR(visit(link, number));
                          ++number;
                        }
                        return absl::OkStatus();
                      });
}

LedgerTable::Change LinkLog::RowOfLast() const {
  return {cluster_rows::Key(generation_, kLinks, first_ / kChunkLinks),
          cluster_rows::EncodeLinks(links_)};
}

void LinkLog::Append(const Link& link) {
  // Last() may have read a whole row.
  if (links_.size() == kChunkLinks) CloseRow();
  if (links_.empty()) links_.reserve(kChunkLinks);
  links_.push_back(link);
  if (links_.size() == kChunkLinks) CloseRow();
}

void LinkLog::CloseRow() {
  whole_.push_back(RowOfLast());
  unwritten_bytes_ += whole_.back().key.size() + whole_.back().value->size();
  first_ += kChunkLinks;
  links_.clear();
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

void LinkLog::RemoveLast() {
  constexpr uint64_t kRemovedBytes = 24;  // what is taken away is work too
  links_.pop_back();
  unwritten_bytes_ += kRemovedBytes;
}

void LinkLog::TakeChanges(std::vector<LedgerTable::Change>* changes) {
  std::move(whole_.begin(), whole_.end(), std::back_inserter(*changes));
  whole_.clear();
  if (!links_.empty()) changes->push_back(RowOfLast());
  const uint64_t rows = (size() + kChunkLinks - 1) / kChunkLinks;
  for (uint64_t chunk = rows; chunk < rows_; ++chunk) {
    changes->push_back({cluster_rows::Key(generation_, kLinks, chunk), std::nullopt});
  }
  rows_ = rows;
  unwritten_bytes_ = 0;
}

}  // namespace spoor

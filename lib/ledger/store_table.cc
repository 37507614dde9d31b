#include "lib/ledger/store_table.h"

#include <algorithm>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

absl::string_view View(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }
rocksdb::Slice Slice(absl::string_view s) { return {s.data(), s.size()}; }

}  // namespace

absl::Status StoreTable::Read(absl::Span<const std::string> keys,
                              std::vector<std::optional<std::string>>* values) const {
  values->assign(keys.size(), std::nullopt);
  if (family_ == nullptr) return absl::OkStatus();
  const std::vector<rocksdb::Slice> slices(keys.begin(), keys.end());
  std::vector<rocksdb::PinnableSlice> found(keys.size());
  std::vector<rocksdb::Status> statuses(keys.size());
  database_->db()->MultiGet(rocksdb::ReadOptions(), family_, slices.size(), slices.data(),
                            found.data(), statuses.data());
  for (size_t i = 0; i < keys.size(); ++i) {
    if (statuses[i].IsNotFound()) continue;
    SPOOR_RETURN_IF_ERROR(ToStatus(statuses[i], absl::StrCat("reading table ", name_)));
    (*values)[i] = found[i].ToString();
  }
  return absl::OkStatus();
}

absl::Status StoreTable::Scan(
    absl::string_view prefix, absl::string_view from,
    absl::FunctionRef<absl::Status(absl::string_view, absl::string_view)> visit) const {
  if (family_ == nullptr) return absl::OkStatus();
  const std::unique_ptr<rocksdb::Iterator> it(
      database_->db()->NewIterator(rocksdb::ReadOptions(), family_));
  for (it->Seek(Slice(std::max(prefix, from))); it->Valid() && it->key().starts_with(Slice(prefix));
       it->Next()) {
    SPOOR_RETURN_IF_ERROR(visit(View(it->key()), View(it->value())));
  }
  return ToStatus(it->status(), absl::StrCat("scanning table ", name_));
}

absl::Status StoreTable::Write(absl::Span<const Change> changes) {
  if (database_->mode() == Database::Mode::kRead) {
    return absl::FailedPreconditionError("the ledger is open for reading only");
  }
  if (family_ == nullptr) {
    SPOOR_ASSIGN_OR_RETURN(family_, database_->MakeTable(name_));
  }
  size_t bytes = 0;
  for (const Change& change : changes) {
    constexpr size_t kOverhead = 16;  // of a row in a batch
    bytes += kOverhead + change.key.size() + (change.value.has_value() ? change.value->size() : 0);
  }
  rocksdb::WriteBatch batch(bytes);
  for (const Change& change : changes) {
    const rocksdb::Status status = change.value.has_value()
                                       ? batch.Put(family_, change.key, *change.value)
                                       : batch.Delete(family_, change.key);
    SPOOR_RETURN_IF_ERROR(ToStatus(status, absl::StrCat("writing table ", name_)));
  }
  return database_->Write(&batch, /*sync=*/true, absl::StrCat("writing table ", name_));
}

}  // namespace spoor

#include "spoor/entity/tag_table.h"

#include <algorithm>
#include <iterator>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "lib/entity/tag_rows.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

// Keys that are looked up in one request.
constexpr size_t kAtOnce = 4096;

std::string Join(const std::vector<std::string>& tags) {
  std::string row;
  for (const std::string& tag : tags) row += tag;
  return row;
}

// The tags of a row, each as it is in the row.
absl::Status Split(absl::string_view key, absl::string_view row, std::vector<std::string>* parts,
                   Label* label) {
  while (!row.empty()) {
    const absl::string_view before = row;
    SPOOR_ASSIGN_OR_RETURN(const Tag tag, tag_rows::ConsumeTag(key, &row));
    if (parts != nullptr) parts->emplace_back(before.substr(0, before.size() - row.size()));
    if (label != nullptr) label->Add(tag);
  }
  return absl::OkStatus();
}

// Looks up `keys`, many at once, in their order.
absl::Status ReadAll(const LedgerTable& table, const std::vector<std::string>& keys,
                     std::vector<std::optional<std::string>>* values) {
  values->clear();
  std::vector<std::optional<std::string>> some;
  for (size_t at = 0; at < keys.size(); at += kAtOnce) {
    SPOOR_RETURN_IF_ERROR(table.Read(absl::MakeConstSpan(keys).subspan(at, kAtOnce), &some));
    std::move(some.begin(), some.end(), std::back_inserter(*values));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status TagListReader::Read(absl::string_view name, absl::string_view text) {
  summary_.list.name = std::string(name);
  SPOOR_ASSIGN_OR_RETURN(TagFileInfo info, ReadTagFile(name, text, this));
  summary_.list.kind = info.kind;
  summary_.list.title = std::move(info.title);
  summary_.list.addresses = tags_.size();
  return absl::OkStatus();
}

void TagListReader::Progress(uint64_t done) {
  if (progress_ != nullptr) progress_(done);
}

absl::Status TagListReader::Add(Tag tag, uint64_t line) {
  std::string row = tag_rows::EncodeTag(tag);
  std::vector<std::string>& there = tags_[tag.key];
  const auto at = std::lower_bound(there.begin(), there.end(), row);
  if (at != there.end() && *at == row) {
    ++summary_.entries;
    ++summary_.repeated;
    return absl::OkStatus();
  }
  if (there.size() == kMostOnOneAddress) {
    return Refuse(
        {line, std::move(tag.address),
         absl::StrCat("more than ", kMostOnOneAddress, " tags of this list on the address")});
  }
  bytes_ += row.size() + 2 * tag.key.size();
  if (bytes_ > most_bytes_) {
    return absl::ResourceExhaustedError(absl::StrCat(
        "line ", line, ": the tags up to here take more than ", most_bytes_, " bytes"));
  }
  there.insert(at, std::move(row));
  ++summary_.entries;
  ++summary_.list.tags;
  ++summary_.categories[tag.category];
  return absl::OkStatus();
}

absl::Status TagListReader::Refuse(TagRefusal refusal) {
  ++summary_.entries;
  ++summary_.refused;
  ++summary_.reasons[refusal.reason];
  if (summary_.refusals.size() < TagListSummary::kRefusalsKept)
    summary_.refusals.push_back(std::move(refusal));
  return absl::OkStatus();
}

absl::StatusOr<TagTable> TagTable::Open(LedgerTable* table) {
  SPOOR_ASSIGN_OR_RETURN(const auto format, ReadRow(*table, tag_rows::kFormatKey));
  if (format.has_value() && *format != std::string(1, tag_rows::kFormat)) {
    return absl::FailedPreconditionError(
        "the ledger's tags are of another format; wanted format 1: read them with the version of "
        "trace that wrote them");
  }
  return TagTable(table);
}

absl::StatusOr<std::vector<TagList>> TagTable::Lists() const {
  std::vector<TagList> lists;
  SPOOR_RETURN_IF_ERROR(table_->Scan(
      tag_rows::ListPrefix(), "", [&](absl::string_view, absl::string_view row) -> absl::Status {
        SPOOR_ASSIGN_OR_RETURN(TagList list, tag_rows::DecodeList(row));
        lists.push_back(std::move(list));
        return absl::OkStatus();
      }));
  return lists;
}

absl::StatusOr<TagTable::Change> TagTable::Put(const TagListReader& reader) {
  const TagList& list = reader.summary().list;
  // The list's number: of its version before, else the next.
  uint32_t number = 0;
  bool known = false;
  SPOOR_RETURN_IF_ERROR(
      table_->Scan(tag_rows::ListPrefix(), "",
                   [&](absl::string_view key, absl::string_view row) -> absl::Status {
                     SPOOR_ASSIGN_OR_RETURN(const TagList other, tag_rows::DecodeList(row));
                     if (known) return absl::OkStatus();
                     number = tag_rows::TrailingList(key);
                     known = other.name == list.name && other.title == list.title;
                     return absl::OkStatus();
                   }));
  if (!known) ++number;

  // Every address that the list speaks of, or did.
  std::vector<std::string> keys;
  for (const auto& [key, tags] : reader.tags_) keys.push_back(key);
  const std::string members = tag_rows::MemberPrefix(number);
  SPOOR_RETURN_IF_ERROR(
      table_->Scan(members, "", [&](absl::string_view row_key, absl::string_view) {
        std::string key(absl::StripPrefix(row_key, members));
        if (!reader.tags_.contains(key)) keys.push_back(std::move(key));
        return absl::OkStatus();
      }));
  std::vector<std::string> row_keys;
  for (const std::string& key : keys) row_keys.push_back(tag_rows::TagsKey(key, number));
  std::vector<std::optional<std::string>> before;
  SPOOR_RETURN_IF_ERROR(ReadAll(*table_, row_keys, &before));

  Change change;
  std::vector<LedgerTable::Change> changes;
  std::vector<std::string> touched;
  for (size_t i = 0; i < keys.size(); ++i) {
    const auto now = reader.tags_.find(keys[i]);
    std::optional<std::string> row;
    if (now != reader.tags_.end()) row = Join(now->second);
    if (row == before[i]) continue;
    std::vector<std::string> old_tags;
    if (before[i].has_value()) {
      SPOOR_RETURN_IF_ERROR(Split(keys[i], *before[i], &old_tags, nullptr));
    }
    static const std::vector<std::string> kNone;
    const std::vector<std::string>& new_tags = row.has_value() ? now->second : kNone;
    std::vector<std::string> kept;
    std::set_intersection(old_tags.begin(), old_tags.end(), new_tags.begin(), new_tags.end(),
                          std::back_inserter(kept));
    change.added += new_tags.size() - kept.size();
    change.removed += old_tags.size() - kept.size();
    if (row.has_value() != before[i].has_value()) {
      changes.push_back({tag_rows::MemberKey(number, keys[i]),
                         row.has_value() ? std::optional<std::string>("") : std::nullopt});
    }
    changes.push_back({std::move(row_keys[i]), std::move(row)});
    touched.push_back(std::move(keys[i]));
  }

  // What is said of the addresses with the other lists.
  std::vector<std::string> label_keys;
  for (const std::string& key : touched) label_keys.push_back(tag_rows::LabelKey(key));
  std::vector<std::optional<std::string>> labels;
  SPOOR_RETURN_IF_ERROR(ReadAll(*table_, label_keys, &labels));
  for (size_t i = 0; i < touched.size(); ++i) {
    Label label;
    if (const auto now = reader.tags_.find(touched[i]); now != reader.tags_.end()) {
      for (const std::string& tag : now->second) {
        SPOOR_RETURN_IF_ERROR(Split(touched[i], tag, nullptr, &label));
      }
    }
    if (labels[i].has_value()) {
      SPOOR_RETURN_IF_ERROR(table_->Scan(tag_rows::TagsPrefix(touched[i]), "",
                                         [&](absl::string_view row_key, absl::string_view row) {
                                           if (tag_rows::TrailingList(row_key) == number)
                                             return absl::OkStatus();
                                           return Split(touched[i], row, nullptr, &label);
                                         }));
    }
    changes.push_back({std::move(label_keys[i]),
                       label.tags() == 0 ? std::nullopt : std::optional(label.Encode())});
  }

  const std::string list_key = tag_rows::ListKey(number);
  std::string list_row = tag_rows::EncodeList(list);
  SPOOR_ASSIGN_OR_RETURN(const auto list_before, ReadRow(*table_, list_key));
  if (list_before != list_row) {
    changes.push_back({tag_rows::kFormatKey, std::string(1, tag_rows::kFormat)});
    changes.push_back({list_key, std::move(list_row)});
  }
  if (!changes.empty()) SPOOR_RETURN_IF_ERROR(table_->Write(changes));
  return change;
}

absl::StatusOr<std::vector<TagTable::Found>> TagTable::Tags(absl::string_view key) const {
  std::vector<Found> found;
  SPOOR_RETURN_IF_ERROR(
      table_->Scan(tag_rows::TagsPrefix(key), "",
                   [&](absl::string_view row_key, absl::string_view row) -> absl::Status {
                     SPOOR_ASSIGN_OR_RETURN(
                         const auto list_row,
                         ReadRow(*table_, tag_rows::ListKey(tag_rows::TrailingList(row_key))));
                     if (!list_row.has_value()) {
                       return absl::DataLossError("table tags: tags of a list that is not there");
                     }
                     SPOOR_ASSIGN_OR_RETURN(const TagList list, tag_rows::DecodeList(*list_row));
                     while (!row.empty()) {
                       SPOOR_ASSIGN_OR_RETURN(Tag tag, tag_rows::ConsumeTag(key, &row));
                       found.push_back({std::move(tag), list.name});
                     }
                     return absl::OkStatus();
                   }));
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) {
    if (a.tag.confidence != b.tag.confidence) return a.tag.confidence > b.tag.confidence;
    return a.tag.date > b.tag.date;
  });
  return found;
}

absl::StatusOr<Label> TagTable::LabelOf(absl::string_view key) const {
  SPOOR_ASSIGN_OR_RETURN(const auto row, ReadRow(*table_, tag_rows::LabelKey(key)));
  if (!row.has_value()) return Label();
  return Label::Decode(*row);
}

absl::Status TagTable::VisitLabels(
    absl::FunctionRef<absl::Status(absl::string_view, const Label&)> visit) const {
  const std::string prefix = tag_rows::LabelPrefix();
  return table_->Scan(prefix, "",
                      [&](absl::string_view key, absl::string_view row) -> absl::Status {
                        SPOOR_ASSIGN_OR_RETURN(const Label label, Label::Decode(row));
                        return visit(absl::StripPrefix(key, prefix), label);
                      });
}

}  // namespace spoor

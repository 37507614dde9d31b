#include "lib/entity/tag_rows.h"

#include <array>
#include <utility>

#include "absl/strings/str_cat.h"
#include "spoor/base/varint.h"

namespace spoor::tag_rows {
namespace {

constexpr absl::string_view kSeparator("\0", 1);

std::string BigEndian(uint64_t number, int bytes) {
  std::string out;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
    out.push_back(static_cast<char>(number >> shift & 0xff));
  }
  return out;
}

absl::Status Damaged(absl::string_view what) {
  return absl::DataLossError(absl::StrCat("table tags: a row of ", what, " is cut short or odd"));
}

// The fields of a tag that are texts, in their order in a row.
constexpr std::array<std::string Tag::*, 8> kTexts = {
    &Tag::address,       &Tag::currency, &Tag::label,  &Tag::actor,
    &Tag::category_text, &Tag::abuse,    &Tag::source, &Tag::confidence_text};

}  // namespace

std::string ListPrefix() { return "l"; }
std::string ListKey(uint32_t list) { return absl::StrCat("l", BigEndian(list, 4)); }
std::string TagsPrefix(absl::string_view key) { return absl::StrCat("a", key, kSeparator); }
std::string TagsKey(absl::string_view key, uint32_t list) {
  return absl::StrCat("a", key, kSeparator, BigEndian(list, 4));
}
std::string MemberPrefix(uint32_t list) { return absl::StrCat("k", BigEndian(list, 4)); }
std::string MemberKey(uint32_t list, absl::string_view key) {
  return absl::StrCat("k", BigEndian(list, 4), key);
}
std::string LabelPrefix() { return "s"; }
std::string LabelKey(absl::string_view key) { return absl::StrCat("s", key); }
std::string ClusterPrefix(absl::string_view chain) { return absl::StrCat("c", chain, kSeparator); }
std::string ClusterKey(absl::string_view chain, AddressId root) {
  return absl::StrCat("c", chain, kSeparator, BigEndian(root.number, 5));
}

std::string ClustersOfKey(absl::string_view chain) { return absl::StrCat("b", chain); }

uint32_t TrailingList(absl::string_view key) {
  uint32_t list = 0;
  for (const char c : key.substr(key.size() - 4)) list = list << 8 | static_cast<uint8_t>(c);
  return list;
}

void AppendText(absl::string_view text, std::string* out) {
  AppendVarint(text.size(), out);
  out->append(text.data(), text.size());
}

bool ConsumeText(absl::string_view* in, std::string* text) {
  uint64_t size = 0;
  if (!ConsumeVarint(in, &size) || size > in->size()) return false;
  text->assign(in->data(), size);
  in->remove_prefix(size);
  return true;
}

void AppendDate(int64_t date, std::string* out) {
  const auto bits = static_cast<uint64_t>(date);
  AppendVarint(bits << 1 ^ (date < 0 ? ~uint64_t{0} : 0), out);
}

bool ConsumeDate(absl::string_view* in, int64_t* date) {
  uint64_t zigzag = 0;
  if (!ConsumeVarint(in, &zigzag)) return false;
  *date = static_cast<int64_t>(zigzag >> 1 ^ (~(zigzag & 1) + 1));
  return true;
}

std::string EncodeList(const TagList& list) {
  std::string row(1, static_cast<char>(list.kind));
  AppendText(list.name, &row);
  AppendText(list.title, &row);
  AppendVarint(list.tags, &row);
  AppendVarint(list.addresses, &row);
  return row;
}

absl::StatusOr<TagList> DecodeList(absl::string_view row) {
  TagList list;
  const uint8_t kind = row.empty() ? 0 : static_cast<uint8_t>(row[0]);
  if (kind < 1 || kind > static_cast<uint8_t>(TagFileKind::kCsv)) return Damaged("a list");
  list.kind = static_cast<TagFileKind>(kind);
  row.remove_prefix(1);
  if (!ConsumeText(&row, &list.name) || !ConsumeText(&row, &list.title) ||
      !ConsumeVarint(&row, &list.tags) || !ConsumeVarint(&row, &list.addresses) || !row.empty()) {
    return Damaged("a list");
  }
  return list;
}

std::string EncodeTag(const Tag& tag) {
  std::string row;
  row.push_back(static_cast<char>(tag.category));
  row.push_back(static_cast<char>(tag.confidence));
  row.push_back(tag.date.has_value() ? 1 : 0);
  if (tag.date.has_value()) AppendDate(*tag.date, &row);
  for (const auto text : kTexts) AppendText(tag.*text, &row);
  return row;
}

absl::StatusOr<Tag> ConsumeTag(absl::string_view key, absl::string_view* row) {
  Tag tag;
  tag.key = std::string(key);
  if (row->size() < 3 || static_cast<uint8_t>((*row)[0]) >= kCategories ||
      static_cast<uint8_t>((*row)[1]) > 100 || static_cast<uint8_t>((*row)[2]) > 1) {
    return Damaged("tags");
  }
  tag.category = static_cast<Category>((*row)[0]);
  tag.confidence = (*row)[1];
  const bool dated = (*row)[2] != 0;
  row->remove_prefix(3);
  int64_t date = 0;
  if (dated) {
    if (!ConsumeDate(row, &date)) return Damaged("tags");
    tag.date = date;
  }
  for (const auto text : kTexts) {
    if (!ConsumeText(row, &(tag.*text))) return Damaged("tags");
  }
  return tag;
}

}  // namespace spoor::tag_rows

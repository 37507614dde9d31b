#ifndef SPOOR_LIB_ENTITY_TAG_ROWS_H_
#define SPOOR_LIB_ENTITY_TAG_ROWS_H_

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/entity/tag.h"
#include "spoor/entity/tag_table.h"
#include "spoor/ledger/model.h"

// Every key and value of the table "tags", byte by byte. KEY is a TagKey(), which has no byte 0 in
// it; N is the number of a list, four bytes big-endian; A an address id, five bytes big-endian; a
// text is its length as a varint and its bytes.
//
//   "f"           -> format(1), now 1; written with the first list
//   "l" N         -> a list: see EncodeList
//   "a" KEY 0 N   -> what that list says of the address: its tags, one after another, each as in
//                    EncodeTag, sorted by their bytes, no two the same
//   "k" N KEY     -> empty: the list has tags of that address
//   "s" KEY       -> what all lists say together: see EncodeLabel
//   "c" CHAIN 0 A -> what the tags of all addresses of the cluster say together, likewise; A is
//                    what Clusters::Find() gives
//   "b" CHAIN     -> the state of the clusters that the "c" of the chain are of, as text; without
//                    it they are of no use
//
// "s" and "c" follow from the others: "s" is written with them, "c" anew when clusters or tags are.

namespace spoor::tag_rows {

inline constexpr char kFormatKey[] = "f";
inline constexpr char kFormat = 1;

std::string ListPrefix();
std::string ListKey(uint32_t list);
std::string TagsPrefix(absl::string_view key);
std::string TagsKey(absl::string_view key, uint32_t list);
std::string MemberPrefix(uint32_t list);
std::string MemberKey(uint32_t list, absl::string_view key);
std::string LabelPrefix();
std::string LabelKey(absl::string_view key);
std::string ClusterPrefix(absl::string_view chain);
std::string ClusterKey(absl::string_view chain, AddressId root);
std::string ClustersOfKey(absl::string_view chain);

// The number in the last four bytes of a key. Requires so many.
uint32_t TrailingList(absl::string_view key);

// kind(1), then name and title as texts, then tags and addresses as varints.
std::string EncodeList(const TagList& list);
absl::StatusOr<TagList> DecodeList(absl::string_view row);

// category(1) confidence(1) dated(1), if so the date as a zigzag varint, then texts: address,
// currency, label, actor, category, abuse, source, confidence. The key is in the row's.
std::string EncodeTag(const Tag& tag);
// Takes one from the front. DATA_LOSS.
absl::StatusOr<Tag> ConsumeTag(absl::string_view key, absl::string_view* row);

// A label: the number of tags as a varint, then to the end its claims, the strongest first:
// category(1) confidence(1) flags(1): 1 dated, 2 the list names the actor; if dated the date as a
// zigzag varint; the actor as a text. See Label::Encode().

// What the texts and dates above are made of. False if cut short.
void AppendText(absl::string_view text, std::string* out);
bool ConsumeText(absl::string_view* in, std::string* text);
void AppendDate(int64_t date, std::string* out);
bool ConsumeDate(absl::string_view* in, int64_t* date);

}  // namespace spoor::tag_rows

#endif  // SPOOR_LIB_ENTITY_TAG_ROWS_H_

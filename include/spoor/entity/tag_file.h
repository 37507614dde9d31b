#ifndef SPOOR_ENTITY_TAG_FILE_H_
#define SPOOR_ENTITY_TAG_FILE_H_

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/string_view.h"
#include "spoor/entity/tag.h"

namespace spoor {

enum class TagFileKind {
  kTagPack = 1,       // GraphSense, YAML
  kOfacSdn = 2,       // sdn.xml
  kOfacAdvanced = 3,  // sdn_advanced.xml
  kAddressList = 4,   // one address a line: OFAC's, as others publish them
  kCsv = 5,           // address,label,category[,source,confidence,currency]
};
// "TagPack", "OFAC sdn.xml", "OFAC sdn_advanced.xml", "address list", "CSV".
absl::string_view TagFileKindName(TagFileKind kind);

// What kind of list `text` is, by what is in it. DATA_LOSS, saying what was found, if it is none.
absl::StatusOr<TagFileKind> DetectTagFile(absl::string_view text);

struct TagFileInfo {
  TagFileKind kind = TagFileKind::kTagPack;
  std::string title;  // what the list calls itself; may be empty
};

// Gives every entry of a list to `sink`, or why it cannot be taken. `name` is the file's name
// without its directory: of an address list it may tell the currency ("..._XBT.txt"), and it stands
// as the source where the list names none.
//
// `text` is not to be trusted: what cannot be read to its end is DATA_LOSS, naming the line, though
// entries before it have been given to `sink` by then. Memory is bounded by the size of `text`,
// whatever it says; nothing that it refers to is fetched, no entity or alias is expanded into more
// than it is, and nesting is limited. Also fails with what `sink` returns.
absl::StatusOr<TagFileInfo> ReadTagFile(absl::string_view name, absl::string_view text,
                                        TagSink* sink);

}  // namespace spoor

#endif  // SPOOR_ENTITY_TAG_FILE_H_

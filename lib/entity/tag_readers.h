#ifndef SPOOR_LIB_ENTITY_TAG_READERS_H_
#define SPOOR_LIB_ENTITY_TAG_READERS_H_

#include <string>

#include "absl/status/status.h"
#include "absl/strings/string_view.h"
#include "spoor/entity/tag.h"

// One reader for each kind of list; what they promise is said at ReadTagFile(). `*title` is set to
// what the list calls itself.
namespace spoor {

// https://github.com/graphsense/graphsense-tagpack-tool/blob/master/docs (TagPack schema): fields
// of the header hold for every tag that does not set them itself.
absl::Status ReadTagPack(absl::string_view text, TagSink* sink, std::string* title);

// https://ofac.treasury.gov/specially-designated-nationals-list-data-formats-data-schemas
absl::Status ReadOfacSdn(absl::string_view text, TagSink* sink, std::string* title);
absl::Status ReadOfacAdvanced(absl::string_view text, TagSink* sink, std::string* title);

absl::Status ReadAddressList(absl::string_view name, absl::string_view text, TagSink* sink);
absl::Status ReadTagCsv(absl::string_view name, absl::string_view text, TagSink* sink);

}  // namespace spoor

#endif  // SPOOR_LIB_ENTITY_TAG_READERS_H_

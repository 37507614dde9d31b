#ifndef SPOOR_LIB_REPORT_VISIBLE_H_
#define SPOOR_LIB_REPORT_VISIBLE_H_

#include <string>

#include "absl/strings/string_view.h"

namespace spoor {

// `text`, which is UTF-8, with each character that is not seen, or that changes how others are
// seen, replaced by its number: "[U+202E]". Controls, line breaks, marks of writing direction,
// joiners, spaces without width, tags. What looks the same is then the same bytes.
std::string Visible(absl::string_view text);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_VISIBLE_H_

#ifndef SPOOR_LIB_REPORT_UUID_H_
#define SPOOR_LIB_REPORT_UUID_H_

#include <string>

#include "absl/strings/string_view.h"

namespace spoor {

// UUIDs of version 5 (RFC 4122): the same name in the same space is the same UUID, always.

// Of what only this project names.
std::string SpoorUuid(absl::string_view name);
// Of a STIX cyber-observable whose one identifying property is `value`: of
// {"value":"..."} in canonical JSON, in the space that STIX 2.1 (2.9) has for them.
std::string StixObservableUuid(absl::string_view value);

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_UUID_H_

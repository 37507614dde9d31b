#include "lib/report/uuid.h"

#include <boost/uuid/name_generator_sha1.hpp>
#include <boost/uuid/string_generator.hpp>
#include <boost/uuid/uuid_io.hpp>

#include "absl/strings/strip.h"
#include "lib/report/json.h"

namespace spoor {
namespace {

std::string UuidOf(const char* space, absl::string_view name) {
  const boost::uuids::name_generator_sha1 generate(boost::uuids::string_generator()(space));
  return boost::uuids::to_string(generate(name.data(), name.size()));
}

}  // namespace

std::string SpoorUuid(absl::string_view name) {
  return UuidOf("5c0a4f0e-8f0b-4d3c-9d57-3f1f5f6f2a10", name);
}

std::string StixObservableUuid(absl::string_view value) {
  Json json;
  json.BeginObject().Key("value").String(value).EndObject();
  return UuidOf("00abedb4-aa42-466c-9c01-fed23315a9b7", absl::StripSuffix(json.Take(), "\n"));
}

}  // namespace spoor

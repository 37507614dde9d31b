#ifndef SPOOR_LIB_REPORT_JSON_READER_H_
#define SPOOR_LIB_REPORT_JSON_READER_H_

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/string_view.h"
#include "rapidjson/document.h"
#include "spoor/base/status_macros.h"
#include "spoor/chain/amount.h"

// Reading a JSON document that anybody may have written. Errors are DATA_LOSS and name the place:
// `results[0].endpoints[12].tainted: found a number, wanted ...`.

namespace spoor {

// DATA_LOSS if `json` is not one JSON document in UTF-8, or is nested deeper than 32, or has more
// than `most_values` values.
absl::StatusOr<rapidjson::Document> ParseJsonDocument(absl::string_view json, size_t most_values);

// A value, and where in the document it stands. Points at the document and at the place it is in.
class JsonPlace {
 public:
  explicit JsonPlace(const rapidjson::Value& root) : value_(root) {}

  const rapidjson::Value& value() const { return value_; }
  std::string Path() const;
  // "PATH: found ..., wanted `wanted`".
  absl::Status Error(absl::string_view found, absl::string_view wanted) const;
  absl::Status ExpectObject() const;
  // A member that is not null; nullopt if there is none.
  std::optional<JsonPlace> Find(const char* name) const;
  JsonPlace At(rapidjson::SizeType index) const { return {value_[index], this, nullptr, index}; }
  JsonPlace Under(const char* name, const rapidjson::Value& value) const {
    return {value, this, name, 0};
  }

  absl::Status Read(std::string* out) const;
  absl::Status Read(Units* out) const;  // a string of decimal digits
  absl::Status Read(uint64_t* out) const;
  absl::Status Read(int* out) const;  // not negative
  absl::Status Read(double* out) const;
  absl::Status Read(bool* out) const;
  absl::Status Read(std::map<std::string, Units>* out) const;

 private:
  JsonPlace(const rapidjson::Value& value, const JsonPlace* parent, const char* name,
            rapidjson::SizeType index)
      : value_(value), parent_(parent), name_(name), index_(index) {}
  std::string Found() const;

  const rapidjson::Value& value_;
  const JsonPlace* parent_ = nullptr;
  const char* name_ = nullptr;  // nullptr: index_
  rapidjson::SizeType index_ = 0;
};

// The member `name` of an object.
template <typename T>
absl::Status ReadMember(const JsonPlace& object, const char* name, T* out) {
  SPOOR_RETURN_IF_ERROR(object.ExpectObject());
  const std::optional<JsonPlace> member = object.Find(name);
  if (!member.has_value()) return object.Error(absl::StrCat("no \"", name, "\""), "one");
  return member->Read(out);
}

// Likewise; `*out` stays where there is none, or null.
template <typename T>
absl::Status ReadOptional(const JsonPlace& object, const char* name, T* out) {
  SPOOR_RETURN_IF_ERROR(object.ExpectObject());
  const std::optional<JsonPlace> member = object.Find(name);
  return member.has_value() ? member->Read(out) : absl::OkStatus();
}

// The list `name` of an object, each by `read(place, &element)`; without such a member, empty.
template <typename T, typename ReadOne>
absl::Status ReadList(const JsonPlace& object, const char* name, std::vector<T>* out,
                      const ReadOne& read) {
  SPOOR_RETURN_IF_ERROR(object.ExpectObject());
  const std::optional<JsonPlace> list = object.Find(name);
  if (!list.has_value()) return absl::OkStatus();
  if (!list->value().IsArray()) return list->Error("no list", "one");
  out->reserve(list->value().Size());
  for (rapidjson::SizeType i = 0; i < list->value().Size(); ++i) {
    SPOOR_RETURN_IF_ERROR(read(list->At(i), &out->emplace_back()));
  }
  return absl::OkStatus();
}

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_JSON_READER_H_

#include "lib/report/json_reader.h"

#include <algorithm>
#include <utility>

#include "rapidjson/error/en.h"
#include "rapidjson/memorystream.h"
#include "rapidjson/reader.h"

namespace spoor {
namespace {

using rapidjson::SizeType;
using rapidjson::Value;

constexpr size_t kDeepest = 32;
// How much of the document's own words goes into a message.
constexpr size_t kMostQuoted = 80;

// Builds a document within bounds.
class BoundedHandler {
 public:
  BoundedHandler(rapidjson::Document* document, size_t most) : to_(*document), left_(most) {}

  bool Null() { return Take() && to_.Null(); }
  bool Bool(bool b) { return Take() && to_.Bool(b); }
  bool Int(int i) { return Take() && to_.Int(i); }
  bool Uint(unsigned i) { return Take() && to_.Uint(i); }
  bool Int64(int64_t i) { return Take() && to_.Int64(i); }
  bool Uint64(uint64_t i) { return Take() && to_.Uint64(i); }
  bool Double(double d) { return Take() && to_.Double(d); }
  bool RawNumber(const char*, SizeType, bool) { return false; }
  bool String(const char* s, SizeType n, bool copy) { return Take() && to_.String(s, n, copy); }
  bool StartObject() { return Take() && Enter() && to_.StartObject(); }
  bool Key(const char* s, SizeType n, bool copy) { return Take() && to_.Key(s, n, copy); }
  bool EndObject(SizeType n) { return --depth_, to_.EndObject(n); }
  bool StartArray() { return Take() && Enter() && to_.StartArray(); }
  bool EndArray(SizeType n) { return --depth_, to_.EndArray(n); }

  bool too_deep() const { return depth_ > kDeepest; }

 private:
  bool Take() { return left_-- > 0; }
  bool Enter() { return ++depth_ <= kDeepest; }

  rapidjson::Document& to_;
  size_t left_;
  size_t depth_ = 0;
};

// At most kMostQuoted bytes of `text`, whole characters only.
absl::string_view Quoted(absl::string_view text) {
  size_t n = std::min(text.size(), kMostQuoted);
  while (n > 0 && n < text.size() && (static_cast<uint8_t>(text[n]) & 0xc0) == 0x80) --n;
  return text.substr(0, n);
}

}  // namespace

absl::StatusOr<rapidjson::Document> ParseJsonDocument(absl::string_view json, size_t most_values) {
  rapidjson::Document document;
  rapidjson::ParseResult parsed;
  bool too_deep = false;
  // Populate() puts the document in order also where the parse fails.
  const auto generate = [&](rapidjson::Document& to) {
    constexpr unsigned kFlags = rapidjson::kParseIterativeFlag |
                                rapidjson::kParseValidateEncodingFlag |
                                rapidjson::kParseFullPrecisionFlag;
    BoundedHandler handler(&to, most_values);
    rapidjson::MemoryStream stream(json.data(), json.size());
    rapidjson::Reader reader;
    parsed = reader.Parse<kFlags>(stream, handler);
    too_deep = handler.too_deep();
    return !parsed.IsError();
  };
  document.Populate(generate);
  if (parsed.Code() == rapidjson::kParseErrorTermination) {
    return absl::DataLossError(
        absl::StrCat("at byte ", parsed.Offset(), ": found ",
                     too_deep ? absl::StrCat("values nested deeper than ", kDeepest)
                              : absl::StrCat("more than ", most_values, " values"),
                     ", wanted no more"));
  }
  if (parsed.IsError()) {
    return absl::DataLossError(absl::StrCat("no JSON: at byte ", parsed.Offset(), " of ",
                                            json.size(), ": ",
                                            rapidjson::GetParseError_En(parsed.Code())));
  }
  return document;
}

std::string JsonPlace::Path() const {
  if (parent_ == nullptr) return "";
  const std::string before = parent_->Path();
  if (name_ == nullptr) return absl::StrCat(before, "[", index_, "]");
  return absl::StrCat(before, before.empty() ? "" : ".", Quoted(name_));
}

absl::Status JsonPlace::Error(absl::string_view found, absl::string_view wanted) const {
  const std::string path = Path();
  return absl::DataLossError(
      absl::StrCat(path.empty() ? "the document" : path, ": found ", found, ", wanted ", wanted));
}

std::string JsonPlace::Found() const {
  switch (value_.GetType()) {
    case rapidjson::kNullType:
      return "null";
    case rapidjson::kObjectType:
      return "an object";
    case rapidjson::kArrayType:
      return "a list";
    case rapidjson::kStringType:
      return absl::StrCat(
          "\"", Quoted(absl::string_view(value_.GetString(), value_.GetStringLength())), "\"");
    case rapidjson::kNumberType:
      return "a number";
    default:
      return "true or false";
  }
}

absl::Status JsonPlace::ExpectObject() const {
  return value_.IsObject() ? absl::OkStatus() : Error(Found(), "an object");
}

std::optional<JsonPlace> JsonPlace::Find(const char* name) const {
  const auto member = value_.FindMember(name);
  if (member == value_.MemberEnd() || member->value.IsNull()) return std::nullopt;
  return Under(name, member->value);
}

absl::Status JsonPlace::Read(std::string* out) const {
  if (!value_.IsString()) return Error(Found(), "a text");
  out->assign(value_.GetString(), value_.GetStringLength());
  return absl::OkStatus();
}

absl::Status JsonPlace::Read(Units* out) const {
  constexpr absl::string_view kWanted = "an amount: decimal digits in quotes, at most 256 bits";
  if (!value_.IsString()) return Error(Found(), kWanted);
  const absl::StatusOr<Units> units =
      UnitsFromDecimal(absl::string_view(value_.GetString(), value_.GetStringLength()));
  if (!units.ok()) return Error(Found(), kWanted);
  *out = *units;
  return absl::OkStatus();
}

absl::Status JsonPlace::Read(uint64_t* out) const {
  if (!value_.IsUint64()) return Error(Found(), "a whole number, not negative");
  *out = value_.GetUint64();
  return absl::OkStatus();
}

absl::Status JsonPlace::Read(int* out) const {
  if (!value_.IsInt() || value_.GetInt() < 0) return Error(Found(), "a small whole number");
  *out = value_.GetInt();
  return absl::OkStatus();
}

absl::Status JsonPlace::Read(double* out) const {
  if (!value_.IsNumber()) return Error(Found(), "a number");
  *out = value_.GetDouble();
  return absl::OkStatus();
}

absl::Status JsonPlace::Read(bool* out) const {
  if (!value_.IsBool()) return Error(Found(), "true or false");
  *out = value_.GetBool();
  return absl::OkStatus();
}

absl::Status JsonPlace::Read(std::map<std::string, Units>* out) const {
  SPOOR_RETURN_IF_ERROR(ExpectObject());
  for (const auto& member : value_.GetObject()) {
    std::string name(member.name.GetString(), member.name.GetStringLength());
    Units units;
    SPOOR_RETURN_IF_ERROR(Under(member.name.GetString(), member.value).Read(&units));
    if (!out->emplace(std::move(name), units).second) {
      return Error(absl::StrCat("\"", Quoted(member.name.GetString()), "\" twice"), "it once");
    }
  }
  return absl::OkStatus();
}

}  // namespace spoor

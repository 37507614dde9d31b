#ifndef SPOOR_LIB_REPORT_JSON_H_
#define SPOOR_LIB_REPORT_JSON_H_

#include <cstdint>
#include <string>

#include "absl/strings/string_view.h"
#include "rapidjson/stringbuffer.h"
#include "rapidjson/writer.h"
#include "spoor/chain/amount.h"

namespace spoor {

// Writes a JSON document in order. Amounts and other numbers that may pass 2^53 go as strings.
// Strings that are not UTF-8 are written with their bad bytes replaced, so that the document is.
class Json {
 public:
  Json() : writer_(buffer_) {}

  Json& BeginObject() { return writer_.StartObject(), *this; }
  Json& EndObject() { return writer_.EndObject(), *this; }
  Json& BeginArray() { return writer_.StartArray(), *this; }
  Json& EndArray() { return writer_.EndArray(), *this; }
  Json& Key(absl::string_view key) {
    const std::string text = Utf8(key);
    return writer_.Key(text.data(), Size(text)), *this;
  }

  Json& String(absl::string_view value);
  Json& Number(uint64_t value) { return writer_.Uint64(value), *this; }
  Json& Decimal(double value) { return writer_.Double(value), *this; }
  Json& Bool(bool value) { return writer_.Bool(value), *this; }
  Json& Null() { return writer_.Null(), *this; }
  Json& Amount(const Units& value) { return String(ToDecimal(value)); }

  // The document, with a line feed after it.
  std::string Take() const { return std::string(buffer_.GetString(), buffer_.GetSize()) + "\n"; }

 private:
  // `s`, each byte that is not part of a character replaced by U+FFFD.
  static std::string Utf8(absl::string_view s);
  static rapidjson::SizeType Size(absl::string_view s) {
    return static_cast<rapidjson::SizeType>(s.size());
  }

  rapidjson::StringBuffer buffer_;
  rapidjson::Writer<rapidjson::StringBuffer> writer_;
};

}  // namespace spoor

#endif  // SPOOR_LIB_REPORT_JSON_H_

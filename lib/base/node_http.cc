#include "spoor/base/node_http.h"

#include <curl/curl.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <mutex>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/strip.h"
#include "spoor/base/status_macros.h"

namespace spoor {
namespace {

constexpr std::chrono::milliseconds kConnectTimeout = std::chrono::seconds(10);
constexpr size_t kMostCookie = 1000;

struct Deleter {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

// A part of a URL, decoded; empty if it has none.
std::string Part(CURLU* url, CURLUPart part, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, part, &text, flags) != CURLUE_OK) return "";
  std::string result = text;
  curl_free(text);
  return result;
}

struct Target {
  std::string url;  // without user and password
  std::string user;
  std::string password;
};

absl::StatusOr<Target> ParseUrl(const std::string& text) {
  // The text itself, with a password in it, is not for messages.
  constexpr absl::string_view kWanted = ", wanted http://[USER:PASSWORD@]HOST:PORT";
  const std::unique_ptr<CURLU, Deleter> url(curl_url());
  if (curl_url_set(url.get(), CURLUPART_URL, text.c_str(), CURLU_GUESS_SCHEME) != CURLUE_OK) {
    return absl::InvalidArgumentError(absl::StrCat("the node's URL is none", kWanted));
  }
  const std::string scheme = Part(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https") {
    return absl::InvalidArgumentError(
        absl::StrCat("the node's URL begins with ", scheme, "://", kWanted));
  }
  if (scheme == "http" && Part(url.get(), CURLUPART_PORT).empty()) {
    return absl::InvalidArgumentError(absl::StrCat("the node's URL has no port", kWanted));
  }
  Target target;
  target.user = Part(url.get(), CURLUPART_USER, CURLU_URLDECODE);
  target.password = Part(url.get(), CURLUPART_PASSWORD, CURLU_URLDECODE);
  for (const CURLUPart part : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_FRAGMENT}) {
    curl_url_set(url.get(), part, nullptr, 0);
  }
  target.url = Part(url.get(), CURLUPART_URL);
  return target;
}

absl::StatusOr<std::string> ReadCookie(const std::string& path) {
  // A pipe would be waited for.
  std::error_code error;
  if (std::filesystem::exists(path, error) && !std::filesystem::is_regular_file(path, error)) {
    return absl::NotFoundError(absl::StrCat("the cookie file ", path, " is no file"));
  }
  std::ifstream file(path, std::ios::binary);
  std::string text(kMostCookie, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (file.bad() || !file.is_open()) {
    return absl::NotFoundError(absl::StrCat(
        "no cookie file to be read at ", path,
        "; a node writes one into its data directory, or one below it, while it runs"));
  }
  text.resize(static_cast<size_t>(file.gcount()));
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
  if (text.find(':') == std::string::npos || text.size() >= kMostCookie) {
    return absl::DataLossError(absl::StrCat(path, " is no cookie file: wanted USER:PASSWORD"));
  }
  return text;
}

class CurlHttp final : public NodeHttp {
 public:
  CurlHttp(Target target, const NodeHttp::Options& options)
      : target_(std::move(target)),
        cookie_file_(options.cookie_file),
        stop_(options.stop),
        unreachable_hint_(options.unreachable_hint),
        forbidden_hint_(options.forbidden_hint),
        handle_(curl_easy_init()) {
    SPOOR_CHECK(handle_ != nullptr);
    // That a body of a megabyte is coming need not be asked for first.
    headers_.reset(curl_slist_append(nullptr, "Expect:"));
    curl_slist_append(headers_.get(), "Content-Type: application/json");
    CURL* h = handle_.get();
    curl_easy_setopt(h, CURLOPT_URL, target_.url.c_str());
    curl_easy_setopt(h, CURLOPT_PROTOCOLS_STR, "http,https");
    // Passwords go to the node and nowhere else, whatever the environment says.
    curl_easy_setopt(h, CURLOPT_PROXY, "");
    curl_easy_setopt(h, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(h, CURLOPT_HTTPHEADER, headers_.get());
    curl_easy_setopt(h, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(h, CURLOPT_TCP_KEEPALIVE, 1L);
    // Replies are megabytes of hexadecimal digits.
    curl_easy_setopt(h, CURLOPT_BUFFERSIZE, long{CURL_MAX_READ_SIZE});
    curl_easy_setopt(h, CURLOPT_TIMEOUT_MS, static_cast<long>(options.timeout.count()));
    curl_easy_setopt(h, CURLOPT_CONNECTTIMEOUT_MS,
                     static_cast<long>(std::min(options.timeout, kConnectTimeout).count()));
    curl_easy_setopt(h, CURLOPT_ERRORBUFFER, error_);
    curl_easy_setopt(h, CURLOPT_WRITEFUNCTION, &CurlHttp::Write);
    curl_easy_setopt(h, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(h, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(h, CURLOPT_XFERINFOFUNCTION, &CurlHttp::Progress);
    curl_easy_setopt(h, CURLOPT_XFERINFODATA, this);
  }

  const std::string& where() const override { return target_.url; }

  std::string WithoutPassword(absl::string_view text) const override {
    if (target_.password.empty()) return std::string(text);
    const std::string sent = absl::Base64Escape(absl::StrCat(target_.user, ":", target_.password));
    return absl::StrReplaceAll(text, {{target_.password, "..."}, {sent, "..."}});
  }

  void SetCookie(const std::string& cookie) {
    const size_t colon = cookie.find(':');
    target_.user = cookie.substr(0, colon);
    target_.password = cookie.substr(colon + 1);
  }

  absl::StatusOr<std::string> Post(absl::string_view body, size_t limit) override {
    long code = 0;
    SPOOR_RETURN_IF_ERROR(PostOnce(body, limit, &code));
    if (code == 401 && !cookie_file_.empty()) {
      // A node that has been started again has another password.
      const absl::StatusOr<std::string> cookie = ReadCookie(cookie_file_);
      if (!cookie.ok()) return absl::UnavailableError(cookie.status().message());
      if (*cookie != absl::StrCat(target_.user, ":", target_.password)) {
        SetCookie(*cookie);
        SPOOR_RETURN_IF_ERROR(PostOnce(body, limit, &code));
      }
    }
    SPOOR_RETURN_IF_ERROR(CheckCode(code));
    return std::move(reply_);
  }

 private:
  static size_t Write(char* bytes, size_t /*one*/, size_t size, void* self) {
    auto* const http = static_cast<CurlHttp*>(self);
    if (size > http->limit_ - http->reply_.size()) {
      http->too_large_ = true;
      return 0;
    }
    if (http->reply_.empty()) http->ReserveReply();
    http->reply_.append(bytes, size);
    return size;
  }

  void ReserveReply() {
    curl_off_t length = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
    if (length > 0) reply_.reserve(std::min(limit_, static_cast<size_t>(length)));
  }

  static int Progress(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    const auto& stop = static_cast<CurlHttp*>(self)->stop_;
    return stop != nullptr && stop() ? 1 : 0;
  }

  absl::Status PostOnce(absl::string_view body, size_t limit, long* code) {
    CURL* h = handle_.get();
    if (!target_.user.empty() || !target_.password.empty()) {
      curl_easy_setopt(h, CURLOPT_USERNAME, target_.user.c_str());
      curl_easy_setopt(h, CURLOPT_PASSWORD, target_.password.c_str());
    }
    curl_easy_setopt(h, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body.size()));
    curl_easy_setopt(h, CURLOPT_POSTFIELDS, body.data());
    reply_.clear();
    limit_ = limit;
    too_large_ = false;
    error_[0] = '\0';
    const CURLcode result = curl_easy_perform(h);
    if (too_large_) {
      return absl::ResourceExhaustedError(
          absl::StrCat("node ", where(), ": the reply has more than ", limit, " bytes"));
    }
    if (result == CURLE_ABORTED_BY_CALLBACK) return absl::CancelledError("stopped");
    if (result != CURLE_OK) {
      std::string why = WithoutPassword(error_);
      if (result == CURLE_OUT_OF_MEMORY) {
        why = "the header of its reply is too long";
      } else if (why.empty()) {
        why = curl_easy_strerror(result);
      }
      return absl::UnavailableError(
          absl::StrCat("node ", where(), ": ", why,
                       result == CURLE_COULDNT_CONNECT ? unreachable_hint_ : std::string()));
    }
    curl_easy_getinfo(h, CURLINFO_RESPONSE_CODE, code);
    return absl::OkStatus();
  }

  absl::Status CheckCode(long code) const {
    if (code == 200) return absl::OkStatus();
    const std::string found = absl::StrCat("node ", where(), ": HTTP status ", code);
    if (code == 401) {
      return absl::PermissionDeniedError(
          absl::StrCat(found,
                       target_.user.empty() ? ": it wants a user and password"
                                            : ": it refuses this user and password",
                       "; put them into the URL, or name its cookie file"));
    }
    if (code == 403) {
      return absl::PermissionDeniedError(
          absl::StrCat(found, ": it does not let this machine in", forbidden_hint_));
    }
    if (code >= 500) return absl::UnavailableError(absl::StrCat(found, ": it is busy or failing"));
    return absl::FailedPreconditionError(
        absl::StrCat(found, ": wanted a node that speaks JSON-RPC there"));
  }

  Target target_;
  const std::string cookie_file_;
  const std::function<bool()> stop_;
  const std::string unreachable_hint_;
  const std::string forbidden_hint_;
  std::unique_ptr<curl_slist, Deleter> headers_;
  std::unique_ptr<CURL, Deleter> handle_;
  char error_[CURL_ERROR_SIZE] = {};
  std::string reply_;
  size_t limit_ = 0;
  bool too_large_ = false;
};

}  // namespace

absl::Status NodeHttp::Annotated(const absl::Status& status) const {
  if (status.ok()) return status;
  return Annotate(absl::Status(status.code(), WithoutPassword(status.message())),
                  absl::StrCat("node ", where()));
}

absl::StatusOr<std::unique_ptr<NodeHttp>> NodeHttp::Create(const Options& options) {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  SPOOR_ASSIGN_OR_RETURN(Target target, ParseUrl(options.url));
  if (options.cookie_file.empty()) return std::make_unique<CurlHttp>(std::move(target), options);
  if (!target.user.empty()) {
    return absl::InvalidArgumentError(
        "found a user in the node's URL and a cookie file, wanted one of them");
  }
  SPOOR_ASSIGN_OR_RETURN(const std::string cookie, ReadCookie(options.cookie_file));
  auto http = std::make_unique<CurlHttp>(std::move(target), options);
  http->SetCookie(cookie);
  return http;
}

}  // namespace spoor

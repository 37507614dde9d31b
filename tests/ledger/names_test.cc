#include "spoor/ledger/names.h"

#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "spoor/chain/digest.h"
#include "spoor/ledger/memory_ledger.h"

namespace spoor {
namespace {

using ::testing::HasSubstr;

// The examples of EIP-55.
constexpr const char* kChecksummed[] = {
    "0x52908400098527886E0F7030069857D2E4169EE7", "0x8617E340B3D01FA5F11F306F4090FD50E238070D",
    "0xde709f2102306220921060314715629080e2fb77", "0x27b1fdb04752bbc536007a920d24acb045561c26",
    "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed", "0xfB6916095ca1df60bB79Ce92cE3Ea74c37c5d359",
    "0xdbF03B407c01E7cD3CBea99509d93f8DDDC8C6FB", "0xD1220A0cf47c7B9Be7A2E6BA89F429762e7b9aDb"};

TEST(AccountNames, TakeAddressesInEitherCaseAndCheckThoseInBoth) {
  for (const std::string text : kChecksummed) {
    SCOPED_TRACE(text);
    const std::string lower = absl::AsciiStrToLower(text);
    const auto key = AccountKeyFromText(text);
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(key->size(), 21u);
    EXPECT_EQ((*key)[0], '\0');
    EXPECT_EQ(*AccountText(*key), lower);
    EXPECT_EQ(*AccountKeyFromText(lower), *key);
    EXPECT_EQ(*AccountKeyFromText(absl::AsciiStrToUpper(text)), *key);
    // Any one letter in the other case is an error, or the word has no other letter.
    for (size_t i = 2; i < text.size(); ++i) {
      std::string wrong = text;
      wrong[i] ^= absl::ascii_isalpha(wrong[i]) ? 0x20 : 0;
      if (wrong == text || wrong == lower) continue;
      const absl::string_view digits = absl::string_view(wrong).substr(2);
      if (digits == absl::AsciiStrToUpper(digits)) continue;
      const absl::Status status = AccountKeyFromText(wrong).status();
      EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << wrong;
      EXPECT_THAT(std::string(status.message()), HasSubstr(text));
    }
  }
}

TEST(AccountNames, TakeEveryOtherName) {
  struct Case {
    const char* text;
    const char* back;
  };
  for (const Case& c : {
           Case{"TJRabPrwbZy45sbavfcjinPJC18kjpRTv8", "TJRabPrwbZy45sbavfcjinPJC18kjpRTv8"},
           Case{"Customer 12", "Customer 12"},
           Case{"0x", "0x"},
           Case{"0xABC", "0xabc"},
           Case{"0xxyz", "0xxyz"},
           Case{"0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeG",
                "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAeG"},
       }) {
    SCOPED_TRACE(c.text);
    const auto key = AccountKeyFromText(c.text);
    ASSERT_TRUE(key.ok()) << key.status();
    EXPECT_EQ(*key, absl::StrCat("\1", c.back));
    EXPECT_EQ(*AccountText(*key), c.back);
  }
  EXPECT_EQ(AccountKeyFromText("").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(AccountKeyFromText(std::string(1001, 'x')).status().code(),
            absl::StatusCode::kInvalidArgument);
  for (const std::string& bad : {std::string(), std::string("\1"), std::string("\2x"),
                                 std::string(20, '\0'), std::string(22, '\0')}) {
    EXPECT_EQ(AccountText(bad).status().code(), absl::StatusCode::kDataLoss) << bad.size();
  }
}

TEST(AccountNames, NameTransactionsByHashOrText) {
  const ChainInfo books{"books", Family::kAccount, "", "USD", 2};
  const ChainInfo bitcoin{"bitcoin", Family::kUtxo, "main", "BTC", 8};
  const std::string hex = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";
  const auto hash = TxidFromText(books, absl::StrCat("0x", absl::AsciiStrToUpper(hex)));
  ASSERT_TRUE(hash.ok()) << hash.status();
  EXPECT_EQ(ToHex(hash->span()), hex);
  EXPECT_EQ(*TxidFromText(books, hex), *hash);
  const auto named = TxidFromText(books, "order 66");
  ASSERT_TRUE(named.ok()) << named.status();
  EXPECT_EQ(*named, Txid::FromBytes(Keccak256(AsBytes("order 66"))));
  EXPECT_FALSE(TxidFromText(books, "").ok());
  EXPECT_FALSE(TxidFromText(bitcoin, "order 66").ok());

  MemoryLedger memory(books);
  EXPECT_EQ(*NameTransaction(memory, *hash), absl::StrCat("0x", hex));
  NewBlock block;
  block.transaction_texts = {"order 66"};
  ASSERT_TRUE(memory.Append(block).ok());
  EXPECT_EQ(*NameTransaction(memory, *named), "order 66");
  const MemoryLedger coins(bitcoin);
  EXPECT_EQ(*NameTransaction(coins, *TxidFromText(bitcoin, hex)), hex);
}

TEST(AccountNames, NameAssetsByTheirContracts) {
  MemoryLedger memory({"ethereum", Family::kAccount, "", "ETH", 18});
  NewBlock block;
  for (const char* text : {"0xdAC17F958D2ee523a2206206994597C13D831ec7", "TRC10 token"}) {
    AssetInfo asset;
    asset.key = *AccountKeyFromText(text);
    asset.symbol = "USDT";
    block.new_assets.push_back(asset);
  }
  ASSERT_TRUE(memory.Append(block).ok());
  EXPECT_EQ(*NameAsset(memory, kNativeAsset), "ethereum:ETH");
  EXPECT_EQ(*NameAsset(memory, 1), "ethereum:0xdac17f958d2ee523a2206206994597c13d831ec7");
  EXPECT_EQ(*NameAsset(memory, 2), "ethereum:TRC10 token");
  EXPECT_EQ(NameAsset(memory, 3).status().code(), absl::StatusCode::kOutOfRange);
  const MemoryLedger coins({"bitcoin", Family::kUtxo, "main", "BTC", 8});
  EXPECT_EQ(*NameAsset(coins, kNativeAsset), "bitcoin:BTC");
}

}  // namespace
}  // namespace spoor

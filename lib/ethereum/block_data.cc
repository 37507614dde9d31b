#include "spoor/ethereum/block_data.h"

#include <algorithm>

#include "spoor/ethereum/rlp.h"

namespace spoor::ethereum {

Address CreatedContract(const Address& sender, uint64_t nonce) {
  Bytes items;
  AppendRlpBytes(sender, &items);
  AppendRlpNumber(nonce, &items);
  Bytes list;
  AppendRlpList(items, &list);
  const Digest256 hash = Keccak256(list);
  Address address;
  std::copy(hash.begin() + 12, hash.end(), address.begin());
  return address;
}

}  // namespace spoor::ethereum

// Reads, asks and writes the key index.
// The cache is one object: a head, then every file's path and the hashes of its keys.
#include "merge/key_index.h"

#include <arrow/api.h>

#include <algorithm>
#include <bit>
#include <cassert>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "base/digest.h"
#include "base/parallel.h"
#include "columnar/keys.h"
#include "delta/rows.h"
#include "io/mapped_bytes.h"
#include "io/reads_at_once.h"
#include "state/run_folder.h"

namespace ashore::merge {

namespace {

using base::Result;
using base::Status;
using Hashes = std::vector<ShortHash>;

constexpr std::string_view kMagic = "ashore.keys/2\n";
// The files' part is hashed in pieces of so many bytes, on several threads.
constexpr std::size_t kPieceBytes = std::size_t{1} << 20;
// So many files are looked through at once by a thread.
constexpr std::size_t kFilesAtOnce = 256;

// Wanted hashes; nearly all others are turned away by one look at a bitmap that fits a near cache.
class HashFilter {
 public:
  explicit HashFilter(std::span<const ShortHash> wanted) : wanted_(wanted.begin(), wanted.end()) {
    std::size_t words = 16;
    while (words * 64 < wanted.size() * 64) words *= 2;
    words_.resize(words);
    mask_ = static_cast<ShortHash>(words * 64 - 1);
    for (const auto hash : wanted) words_[(hash & mask_) / 64] |= bit_of(hash);
  }

  [[nodiscard]] bool holds(ShortHash hash) const {
    return (words_[(hash & mask_) / 64] & bit_of(hash)) != 0 && wanted_.contains(hash);
  }

 private:
  static std::uint64_t bit_of(ShortHash hash) { return std::uint64_t{1} << (hash % 64); }

  ShortHash mask_ = 0;
  std::vector<std::uint64_t> words_;
  std::unordered_set<ShortHash> wanted_;
};

// Which table and which columns a cache is about, and what follows.
struct Head {
  std::string table_id;
  std::string key_names;  // by which rows are found
  std::size_t files = 0;
  std::string files_sha256;  // digest_of_pieces() of the files' part, hex
};

std::string names_of(const KeyColumns& keys) {
  std::string names;
  for (const auto& key : keys) {
    for (const auto& column : key) names += column + '\0';
    names += '\0';
  }
  return names;
}

// Numbers are little-endian, texts have their length before them.
template <typename Number>
void append_number(Number number, std::string* bytes) {
  for (std::size_t index = 0; index < sizeof(Number); ++index) {
    bytes->push_back(static_cast<char>((number >> (index * 8)) & 0xff));
  }
}

void append_text(std::string_view text, std::string* bytes) {
  append_number(std::uint64_t{text.size()}, bytes);
  *bytes += text;
}

// Reads what the appenders wrote. Its bytes have passed their digest, so that they are whole.
class Cursor {
 public:
  explicit Cursor(std::string_view bytes) : bytes_(bytes) {}

  template <typename Number>
  Number number() {
    Number number = 0;
    for (std::size_t index = 0; index < sizeof(Number); ++index) {
      number |=
          static_cast<Number>(Number{static_cast<unsigned char>(bytes_[index])} << (index * 8));
    }
    bytes_.remove_prefix(sizeof(Number));
    return number;
  }

  std::string_view text() { return take(number<std::uint64_t>()); }

  std::string_view take(std::size_t size) {
    const auto taken = bytes_.substr(0, size);
    bytes_.remove_prefix(size);
    return taken;
  }

 private:
  std::string_view bytes_;
};

// Which files hold which hashes: of the cache's bytes, and of the files read since.
struct Index {
  std::unique_ptr<io::MappedBytes> bytes;  // of the cache, whole
  // Hashes of each of the snapshot's files, in `bytes`; nothing: of a file that is not in it.
  std::vector<std::optional<std::string_view>> cached;
  std::unordered_map<std::size_t, Hashes> read;  // of the others, by their place
};

std::string index_path(const std::string& table) { return "stage/.index/" + table + "/keys"; }

// The digest of the digests of the pieces: one of all bytes would be one thread's work.
base::Sha256 digest_of_pieces(std::string_view bytes, int threads) {
  std::vector<base::Sha256> digests((bytes.size() + kPieceBytes - 1) / kPieceBytes);
  const auto all = base::for_each_index(
      digests.size(), threads,
      [&](std::size_t index) -> Status {
        digests[index] = base::sha256(bytes.substr(index * kPieceBytes, kPieceBytes));
        return {};
      },
      std::stop_token());
  assert(all.ok());
  (void)all;
  std::string joined;
  for (const auto& digest : digests) joined.append(digest.begin(), digest.end());
  return base::sha256(joined);
}

// Takes the head of a whole cache from its bytes; nothing where they are not one.
std::optional<Head> take_head(std::string_view* bytes) {
  constexpr std::size_t kDigestBytes = 64;
  const auto fixed = kMagic.size() + kDigestBytes + sizeof(std::uint64_t);
  if (!bytes->starts_with(kMagic) || bytes->size() < fixed) return std::nullopt;
  const auto digest = bytes->substr(kMagic.size(), kDigestBytes);
  Cursor size(bytes->substr(kMagic.size() + kDigestBytes));
  const auto head_bytes = size.number<std::uint64_t>();
  if (head_bytes > bytes->size() - fixed) return std::nullopt;
  const auto text = bytes->substr(fixed, head_bytes);
  if (base::to_hex(base::sha256(text)) != digest) return std::nullopt;
  bytes->remove_prefix(fixed + head_bytes);
  Cursor cursor(text);
  Head head;
  head.table_id = cursor.text();
  head.key_names = cursor.text();
  head.files = cursor.number<std::uint64_t>();
  head.files_sha256 = cursor.text();
  return head;
}

std::string head_text(const Head& head) {
  std::string text;
  append_text(head.table_id, &text);
  append_text(head.key_names, &text);
  append_number(std::uint64_t{head.files}, &text);
  append_text(head.files_sha256, &text);
  return text;
}

// A file as a cache names it. Names are never used twice (ashore's are digests, others write random
// ones); a program that does so all the same is noticed by size and time.
void append_file(const delta::AddFile& file, std::string* bytes) {
  append_text(file.path, bytes);
  append_number(static_cast<std::uint64_t>(file.bytes), bytes);
  append_number(static_cast<std::uint64_t>(file.modified_ms), bytes);
}

// Takes a file's name and hashes; the hashes count for `file` if it is that one.
struct CachedFile {
  std::string_view path;
  std::uint64_t bytes = 0;
  std::uint64_t modified_ms = 0;
  std::string_view hashes;

  [[nodiscard]] bool is(const delta::AddFile& file) const {
    return path == file.path && bytes == static_cast<std::uint64_t>(file.bytes) &&
           modified_ms == static_cast<std::uint64_t>(file.modified_ms);
  }
};

CachedFile take_file(Cursor* cursor) {
  CachedFile file;
  file.path = cursor->text();
  file.bytes = cursor->number<std::uint64_t>();
  file.modified_ms = cursor->number<std::uint64_t>();
  file.hashes = cursor->text();
  return file;
}

Result<Index> load(const KeySearch& search) {
  const auto& files = search.published.files;
  Index index;
  index.cached.resize(files.size());
  auto mapped = search.store.map(index_path(search.table));
  if (!mapped.ok() && mapped.error().kind() == base::ErrorKind::kNotFound) return index;
  if (!mapped.ok()) return mapped.error();
  auto bytes = mapped.value()->bytes();
  const auto head = take_head(&bytes);
  const bool is_about_this = head && head->table_id == search.published.table_id &&
                             head->key_names == names_of(search.keys);
  if (!is_about_this) return index;
  if (base::to_hex(digest_of_pieces(bytes, search.threads)) != head->files_sha256) return index;
  // Both are in order of path.
  Cursor cursor(bytes);
  std::size_t place = 0;
  for (std::size_t file = 0; file < head->files; ++file) {
    const auto cached = take_file(&cursor);
    while (place < files.size() && files[place].path < cached.path) ++place;
    if (place < files.size() && cached.is(files[place])) index.cached[place] = cached.hashes;
  }
  index.bytes = std::move(mapped).value();
  return index;
}

// The hashes of a file's keys, each once.
Result<Hashes> read_hashes(const KeySearch& search, const delta::AddFile& file) {
  std::vector<std::string> columns;
  for (const auto& key : search.keys) {
    for (const auto& column : key) {
      if (std::ranges::find(columns, column) == columns.end()) columns.push_back(column);
    }
  }
  const auto path = state::table_folder(search.table) + "/" + file.path;
  TRY(const auto rows,
      delta::read_rows(search.store, path, file, search.published.schema, columns));
  Hashes hashes;
  for (const auto& key : search.keys) {
    const auto encoded = columnar::KeyColumn::encode(*rows, key);
    for (std::int64_t row = 0; row < encoded.size(); ++row) {
      hashes.push_back(hash_of_key(encoded.at(row)));
    }
  }
  std::ranges::sort(hashes);
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
  return hashes;
}

Status catch_up(const KeySearch& search, const std::stop_token& stop, Index* index) {
  const auto& files = search.published.files;
  std::vector<std::size_t> lacking;
  for (std::size_t place = 0; place < files.size(); ++place) {
    if (!index->cached[place]) lacking.push_back(place);
  }
  std::vector<Hashes> read(lacking.size());
  const auto bytes_of = [&](std::size_t place) { return files[place].bytes; };
  TRY(base::for_each_index(
      lacking.size(), io::reads_at_once(search.store, lacking, bytes_of, search.threads),
      [&](std::size_t each) -> Status {
        TRY(read[each], read_hashes(search, files[lacking[each]]));
        return {};
      },
      stop));
  for (std::size_t each = 0; each < lacking.size(); ++each) {
    index->read.emplace(lacking[each], std::move(read[each]));
  }
  return {};
}

Status write(const KeySearch& search, const Index& index) {
  std::string files;
  const auto cached_bytes = index.bytes == nullptr ? 0 : index.bytes->bytes().size();
  files.reserve(cached_bytes + index.read.size() * 256);
  for (std::size_t place = 0; place < search.published.files.size(); ++place) {
    append_file(search.published.files[place], &files);
    if (index.cached[place]) {
      append_text(*index.cached[place], &files);
      continue;
    }
    const auto& read = index.read.at(place);
    append_number(std::uint64_t{read.size() * sizeof(ShortHash)}, &files);
    for (const auto hash : read) append_number(hash, &files);
  }
  const auto head =
      head_text({search.published.table_id, names_of(search.keys), search.published.files.size(),
                 base::to_hex(digest_of_pieces(files, search.threads))});
  std::string bytes(kMagic);
  bytes += base::to_hex(base::sha256(head));
  append_text(head, &bytes);
  bytes += files;
  return search.store.write(index_path(search.table), bytes);
}

// All hashes of a large table pass here, so they are read as they lie.
bool holds_any(std::string_view cached, const HashFilter& filter) {
  static_assert(std::endian::native == std::endian::little, "the cache's numbers are");
  for (std::size_t at = 0; at + sizeof(ShortHash) <= cached.size(); at += sizeof(ShortHash)) {
    ShortHash hash = 0;
    std::memcpy(&hash, cached.data() + at, sizeof hash);
    if (filter.holds(hash)) return true;
  }
  return false;
}

}  // namespace

ShortHash hash_of_key(std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char character : key) {
    hash ^= static_cast<unsigned char>(character);
    hash *= 0x100000001b3;
  }
  return static_cast<ShortHash>(hash ^ (hash >> 32));
}

Result<std::vector<bool>> files_with_keys(const KeySearch& search,
                                          std::span<const ShortHash> hashes,
                                          const std::stop_token& stop) {
  TRY(auto index, load(search));
  TRY(catch_up(search, stop, &index));
  if (index.read.size() > search.files_behind_max) {
    TRY(write(search, index));
  }
  const HashFilter filter(hashes);
  const auto& files = search.published.files;
  std::vector<char> found(files.size());  // not of bool: several threads write
  TRY(base::for_each_index((files.size() + kFilesAtOnce - 1) / kFilesAtOnce, search.threads,
                           [&](std::size_t part) -> Status {
                             const auto end = std::min((part + 1) * kFilesAtOnce, files.size());
                             for (auto each = part * kFilesAtOnce; each < end; ++each) {
                               found[each] = index.cached[each]
                                                 ? holds_any(*index.cached[each], filter)
                                                 : std::ranges::any_of(index.read.at(each),
                                                                       [&](ShortHash hash) {
                                                                         return filter.holds(hash);
                                                                       });
                             }
                             return {};
                           },
                           stop));
  return std::vector<bool>(found.begin(), found.end());
}

}  // namespace ashore::merge

#pragma once

#include "base/bytes.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What the fuzz targets share. Each one defines run(), which takes what the fuzzer made up.
namespace mpbridge::fuzz {

void run(base::ByteView made_up);

// What has to hold whatever the input is; checked in every build.
inline void require(bool holds, std::string_view what) {
    if (!holds) {
        std::fprintf(stderr, "Not so: %.*s\n", static_cast<int>(what.size()), what.data());
        std::abort();
    }
}

// Reads what the fuzzer made up. Behind its end there are zeros and empty texts.
class Input {
  public:
    explicit Input(base::ByteView made_up) : left_(made_up) {}

    bool empty() const { return left_.empty(); }
    std::uint8_t byte() { return left_.empty() ? std::uint8_t{0} : bytes(1).front(); }
    base::ByteView bytes(std::size_t at_most) {
        const auto taken = left_.first(std::min(at_most, left_.size()));
        left_ = left_.subspan(taken.size());
        return taken;
    }
    base::ByteView rest() { return bytes(left_.size()); }

  private:
    base::ByteView left_;
};

// Each piece has memory of its own, so that a sanitizer sees any step beyond its end.
using Pieces = std::vector<base::Bytes>;

// A way to cut a stream: its pieces have these sizes in turn, and again.
class Cuts {
  public:
    static Cuts nowhere() { return Cuts({}); }
    static Cuts everywhere() { return Cuts({1}); }

    // A byte for how many sizes there are, up to 7, and one for each; the large ones stand for
    // up to 8 KiB.
    static Cuts from(Input& input) {
        std::vector<std::size_t> sizes(input.byte() % 8U);
        for (auto& size : sizes) {
            const std::size_t byte = input.byte();
            size = byte < 128 ? byte + 1 : (byte - 127) * 64;
        }
        return Cuts(std::move(sizes));
    }

    Pieces of(base::ByteView stream) const {
        Pieces pieces;
        while (!stream.empty()) {
            const auto wanted =
                sizes_.empty() ? stream.size() : sizes_[pieces.size() % sizes_.size()];
            const auto piece = stream.first(std::min(wanted, stream.size()));
            pieces.emplace_back(piece.begin(), piece.end());
            stream = stream.subspan(piece.size());
        }
        return pieces;
    }

  private:
    explicit Cuts(std::vector<std::size_t> sizes) : sizes_(std::move(sizes)) {}

    std::vector<std::size_t> sizes_;
};

// A stream of which a part may be repeated, so that a short input reaches what takes thousands of
// bytes: a byte for where the part begins, one for its length, up to 8, one for how often it comes
// beyond the first time, in sixteens from 192 on, less is never; and the stream.
inline base::Bytes stretched(Input& input) {
    const std::size_t begin = input.byte();
    const std::size_t length = 1 + input.byte() % 8U;
    const std::size_t times = std::size_t{16} * (std::max<std::size_t>(input.byte(), 191) - 191);
    const auto stream = input.rest();
    const auto head = stream.first(std::min(begin, stream.size()));
    const auto part = stream.subspan(head.size(), std::min(length, stream.size() - head.size()));
    base::Bytes all(head.begin(), head.end());
    for (std::size_t i = 0; i < times; ++i) {
        base::append(all, part);
    }
    base::append(all, stream.subspan(head.size()));
    return all;
}

// What came out of something, in order. Data that comes in several pieces is one entry.
class Transcript {
  public:
    void data(base::ByteView bytes) {
        if (entries_.empty() || !entries_.back().is_data) {
            entries_.push_back({true, {}});
        }
        entries_.back().text += base::text_of(bytes);
        data_size_ += bytes.size();
    }
    void event(std::string text) { entries_.push_back({false, std::move(text)}); }

    std::size_t data_size() const { return data_size_; }

    friend bool operator==(const Transcript&, const Transcript&) = default;

  private:
    struct Entry {
        bool is_data = false;
        std::string text;

        friend bool operator==(const Entry&, const Entry&) = default;
    };

    std::vector<Entry> entries_;
    std::size_t data_size_ = 0;
};

// Has `session` run over the stream as it is, byte by byte, and cut as given: what it tells and
// what it answers has to be the same.
template <typename RunSession>
void require_same_however_cut(const Cuts& cuts, const RunSession& session) {
    const auto whole = session(Cuts::nowhere());
    for (const auto& other : {session(Cuts::everywhere()), session(cuts)}) {
        require(whole.transcript == other.transcript, "the same events in any pieces");
        require(whole.reply == other.reply, "the same answers in any pieces");
    }
}

} // namespace mpbridge::fuzz

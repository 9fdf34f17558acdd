#pragma once

#include "support/splitting.hpp"

#include <algorithm>
#include <cstddef>
#include <ostream>
#include <string_view>
#include <vector>

namespace mpbridge::repl {

// A way to cut all the texts of a session, whatever their length: one piece of `first` bytes, then
// pieces of `rest` bytes each.
struct Cut {
    static constexpr std::size_t nowhere = std::string_view::npos;

    std::size_t first = nowhere;
    std::size_t rest = nowhere;

    test::Pieces operator()(std::string_view text) const {
        test::Pieces pieces;
        for (auto size = first; !text.empty(); size = rest) {
            pieces.push_back(test::whole(base::bytes_of(text.substr(0, size))).front());
            text.remove_prefix(std::min(size, text.size()));
        }
        return pieces;
    }

    friend std::ostream& operator<<(std::ostream& out, const Cut& cut) {
        const auto show = [&](std::size_t size) -> std::ostream& {
            return size == nowhere ? out << "nothing more" : out << size << " bytes";
        };
        out << "cut after ";
        show(cut.first) << ", then after each ";
        return show(cut.rest);
    }
};

// Nowhere, into small pieces, and in two at every place of a text of up to `longest` bytes.
inline std::vector<Cut> cuts(std::size_t longest) {
    std::vector<Cut> all{{}, {1, 1}, {2, 2}, {3, 3}, {5, 5}, {64, 64}};
    for (std::size_t at = 1; at < longest; ++at) {
        all.push_back({at, Cut::nowhere});
    }
    return all;
}

} // namespace mpbridge::repl

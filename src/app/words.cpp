#include "app/words.hpp"

#include <utility>

namespace mpbridge::app {

base::Result<std::vector<std::string>> split_words(std::string_view text) {
    constexpr std::string_view spaces = " \t\n";
    constexpr std::string_view special_in_double_quotes = "\"\\";
    std::vector<std::string> words;
    bool in_word = false;
    char quote = '\0';
    bool escaped = false;
    for (const char c : text) {
        if (quote == '\0' && !escaped && spaces.find(c) != std::string_view::npos) {
            in_word = false;
            continue;
        }
        if (!std::exchange(in_word, true)) {
            words.emplace_back();
        }
        if (std::exchange(escaped, false)) {
            const bool kept =
                quote != '\0' && special_in_double_quotes.find(c) == std::string_view::npos;
            words.back().append(kept ? "\\" : "").push_back(c);
        } else if (c == '\\' && quote != '\'') {
            escaped = true;
        } else if (quote == '\0' && (c == '\'' || c == '"')) {
            quote = c;
        } else if (c == quote) {
            quote = '\0';
        } else {
            words.back().push_back(c);
        }
    }
    if (quote != '\0') {
        return base::Error{std::string("a ") + quote + " is not closed"};
    }
    if (escaped) {
        return base::Error{"nothing follows the \\ at the end"};
    }
    return words;
}

} // namespace mpbridge::app

#pragma once

#include "base/log.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace mpbridge::test {

// A log that is to get nothing but warnings.
class Warnings : public base::Log {
  public:
    bool enabled(base::Level) const override { return true; }
    void write(base::Level level, std::string_view text) override {
        EXPECT_EQ(level, base::Level::warning);
        lines.emplace_back(text);
    }

    std::vector<std::string> lines;
};

} // namespace mpbridge::test

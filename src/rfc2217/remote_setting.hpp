#pragma once

#include <cstdint>
#include <optional>

namespace mpbridge::rfc2217 {

// One setting of the server's serial line as the client wants it. No second command is sent before
// the first is answered, so it is known which value an answer is about; of the values wanted
// meanwhile the last one counts.
class RemoteSetting {
  public:
    // 0 is no wish: as the value of a command it would ask (RFC 2217 section 2).
    void want(std::uint32_t value) {
        if (value != 0) {
            wanted_ = value;
        }
    }

    // The value to be sent now, if there is one; it counts as sent.
    std::optional<std::uint32_t> send() {
        if (unanswered_ || wanted_ == sent_) {
            return std::nullopt;
        }
        sent_ = wanted_;
        unanswered_ = true;
        return sent_;
    }

    // The value that was answered, unless none was waiting for an answer.
    std::optional<std::uint32_t> take_answer() {
        if (!unanswered_) {
            return std::nullopt;
        }
        unanswered_ = false;
        return sent_;
    }

    // The server no longer knows anything: what is wanted has to be sent anew.
    void forget() {
        sent_ = 0;
        unanswered_ = false;
    }

    // Nothing to be sent and nothing to be waited for.
    bool settled() const { return !unanswered_ && wanted_ == sent_; }

  private:
    std::uint32_t wanted_ = 0;
    std::uint32_t sent_ = 0;
    bool unanswered_ = false;
};

} // namespace mpbridge::rfc2217

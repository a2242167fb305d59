#pragma once

#include <arpa/inet.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>

namespace swell::test {

// A small service on the loopback: one request after another, each answered with the bytes that a function makes of the
// request, status line, headers and all; an empty answer closes the connection. With TLS it shows a certificate for
// 127.0.0.1 that it signed itself.
class HttpService {
 public:
  using Respond = std::function<std::string(const std::string& request, int number)>;

  explicit HttpService(Respond respond, bool secure = false) : respond_(std::move(respond)) {
    if (secure) make_certificate();
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(listener_, reinterpret_cast<sockaddr*>(&address), size);
    listen(listener_, 8);
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~HttpService() {
    over_ = true;
    thread_.join();
    close(listener_);
    SSL_CTX_free(context_);
    X509_free(certificate_);
    EVP_PKEY_free(key_);
  }
  HttpService(const HttpService&) = delete;
  HttpService& operator=(const HttpService&) = delete;

  std::string url(const std::string& path = "/") const {
    return (context_ ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_) + path;
  }
  int requests() const { return requests_; }

  void write_certificate(const std::string& path) const {
    FILE* file = fopen(path.c_str(), "w");
    PEM_write_X509(file, certificate_);
    fclose(file);
  }

  static std::string answer(const std::string& body, const std::string& type = "application/octet-stream",
                            const std::string& status = "200 OK", const std::string& more = "") {
    return "HTTP/1.1 " + status + "\r\nContent-Type: " + type + "\r\nContent-Length: " + std::to_string(body.size()) +
           "\r\nConnection: close\r\n" + more + "\r\n" + body;
  }

 private:
  void make_certificate() {
    key_ = EVP_EC_gen("P-256");
    certificate_ = X509_new();
    X509_set_version(certificate_, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate_), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate_), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate_), 86400);
    X509_set_pubkey(certificate_, key_);
    X509_NAME* name = X509_get_subject_name(certificate_);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, reinterpret_cast<const unsigned char*>("127.0.0.1"), -1, -1,
                               0);
    X509_set_issuer_name(certificate_, name);
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate_, certificate_, nullptr, nullptr, 0);
    X509_EXTENSION* place = X509V3_EXT_conf_nid(nullptr, &context, NID_subject_alt_name, "IP:127.0.0.1");
    X509_add_ext(certificate_, place, -1);
    X509_EXTENSION_free(place);
    X509_sign(certificate_, key_, EVP_sha256());
    context_ = SSL_CTX_new(TLS_server_method());
    SSL_CTX_use_certificate(context_, certificate_);
    SSL_CTX_use_PrivateKey(context_, key_);
  }

  void serve() {
    while (!over_) {
      pollfd wanted{listener_, POLLIN, 0};
      if (poll(&wanted, 1, 20) <= 0) continue;
      const int connection = accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) continue;
      SSL* secure = nullptr;
      if (context_) {
        secure = SSL_new(context_);
        SSL_set_fd(secure, connection);
        if (SSL_accept(secure) != 1) {
          SSL_free(secure);
          close(connection);
          continue;
        }
      }
      std::string request;
      char part[4096];
      while (request.find("\r\n\r\n") == std::string::npos) {
        const auto count = secure ? SSL_read(secure, part, sizeof part) : read(connection, part, sizeof part);
        if (count <= 0) break;
        request.append(part, static_cast<size_t>(count));
      }
      const std::string response = respond_(request, requests_++);
      for (size_t sent = 0; sent < response.size();) {
        const int left = static_cast<int>(response.size() - sent);
        const auto count = secure ? SSL_write(secure, response.data() + sent, left)
                                  : send(connection, response.data() + sent, static_cast<size_t>(left), MSG_NOSIGNAL);
        if (count <= 0) break;
        sent += static_cast<size_t>(count);
      }
      if (secure) {
        SSL_shutdown(secure);
        SSL_free(secure);
      }
      close(connection);
    }
  }

  Respond respond_;
  int listener_ = -1, port_ = 0;
  std::atomic<bool> over_ = false;
  std::atomic<int> requests_ = 0;
  SSL_CTX* context_ = nullptr;
  X509* certificate_ = nullptr;
  EVP_PKEY* key_ = nullptr;
  std::thread thread_;
};

}  // namespace swell::test

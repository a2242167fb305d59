// From a design and images to pictures and a bill, through the program's own files.

#include <zlib.h>

#include "cli/program.h"
#include "swell/io/npy.h"
#include "swell/io/png.h"
#include "swell/learn/trained.h"

namespace swell::test {

namespace {

using Json = nlohmann::json;

void expect_keys(const Json& json, const std::vector<std::string>& keys) {
  for (const std::string& key : keys) EXPECT_TRUE(json.contains(key)) << key;
}

}  // namespace

class generation : public Program {
 protected:
  Answer train(const std::vector<std::string>& more = {}, const Circumstances& how = {}) {
    std::vector<std::string> arguments{"train", "tiny.toml", "--data", "images.idx:labels.idx", "--save", "model"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return swell(arguments, how);
  }
};

TEST_F(generation, trained_design_generates_files_that_parse) {
  write_tiny();
  const Answer trained = train({"--json", "-"});
  ASSERT_EQ(trained.exit_code, 0) << trained.err;
  const Json training = Json::parse(trained.out);
  expect_keys(training, {"command", "version", "seed", "threads", "inputs", "result", "diagnostics", "bill",
                         "references", "wall_s"});
  EXPECT_EQ(training["result"]["method"], "exact");
  EXPECT_LE(training["result"]["residual"].get<double>(), 1e-6);
  const Answer answer = swell({"generate", "model", "-n", "12", "-o", "out", "--json", "all.json"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  const NpyArray samples = read_npy(folder_ / "out/samples.npy");
  EXPECT_EQ(samples.shape, (std::vector<int64_t>{12, 4, 4}));
  for (const double value : samples.values) EXPECT_LT(std::abs(value), 4);  // quartic units of kT = 0.1
  EXPECT_EQ(read_png(folder_ / "out/grid.png").channels, 1);
  EXPECT_EQ(read_png(folder_ / "out/couplings.png").channels, 3);
  EXPECT_EQ(text_of(folder_ / "out/movie.gif").substr(0, 6), "GIF89a");
  const Json report = Json::parse(text_of(folder_ / "out/report.json")),
             all = Json::parse(text_of(folder_ / "all.json"));
  EXPECT_EQ(report, all);
  EXPECT_EQ(report["result"]["samples"], 12);
  const Json& classes = report["result"]["class_counts"];
  EXPECT_EQ(classes["4"].get<int>() + classes["9"].get<int>(), 12);
  const double joule = report["bill"]["device"]["heat_joule"]["value"];
  EXPECT_DOUBLE_EQ(joule, report["result"]["heat"]["value"].get<double>() * (1.380649e-23 * 300));
  const Answer inspected = swell({"inspect", "model", "--save", "fields.png", "--json", "-"});
  ASSERT_EQ(inspected.exit_code, 0) << inspected.err;
  EXPECT_EQ(Json::parse(inspected.out)["result"]["couplings"][0]["parameters"], 16 * 6 + 15 + 6);
  EXPECT_EQ(read_png(folder_ / "fields.png").channels, 3);
  const Answer coarse = swell({"generate", "model", "-n", "3", "-o", "coarse", "--engine", "reference", "--bits", "4"});
  EXPECT_EQ(coarse.exit_code, 0) << coarse.err;
}

// The same images raw, compressed, and chosen by number or class are the same images.
TEST_F(generation, compressed_images_and_choices_by_class_or_number_train_the_same) {
  write_tiny();
  const auto parameters = [&](const std::vector<std::string>& arguments) {
    std::vector<std::string> line{"train", "tiny.toml", "--save", "model"};
    line.insert(line.end(), arguments.begin(), arguments.end());
    const Answer answer = swell(line);
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    const auto trained = read_trained(folder_ / "model");
    return dense_matrix(trained.design.computer, trained.design.computer.sets[0]);
  };
  const auto raw = parameters({"--data", "images.idx"});
  gzFile zipped = gzopen((folder_ / "images.idx.gz").c_str(), "wb");
  const std::string images = idx_text({2, 4, 4}, tiny_pixels());
  gzwrite(zipped, images.data(), static_cast<unsigned>(images.size()));
  gzclose(zipped);
  EXPECT_EQ(parameters({"--data", "images.idx.gz"}), raw);
  EXPECT_EQ(parameters({"--data", "images.idx:labels.idx", "--classes", "4,9", "--per-class", "1"}), raw);
  const auto second = parameters({"--data", "images.idx", "--images", "1"});
  EXPECT_EQ(parameters({"--data", "images.idx:labels.idx", "--classes", "9"}), second);
  EXPECT_NE(second, raw);
}

TEST_F(generation, samples_are_the_same_bytes_for_any_number_of_threads_and_other_for_another_seed) {
  write_tiny();
  ASSERT_EQ(train().exit_code, 0);
  const auto samples = [&](const std::string& threads, const std::string& seed) {
    const Answer answer = swell({"generate", "model", "-n", "30", "-o", "out", "--threads", threads, "--seed", seed});
    EXPECT_EQ(answer.exit_code, 0) << answer.err;
    return text_of(folder_ / "out/samples.npy");
  };
  const std::string one = samples("1", "5");
  EXPECT_EQ(samples("2", "5"), one);
  EXPECT_EQ(samples("7", "5"), one);
  EXPECT_NE(samples("1", "6"), one);
}

TEST_F(generation, models_are_the_same_bytes_for_any_number_of_threads) {
  write_tiny();
  const auto learned = [&](const std::string& threads, const std::string& method) {
    EXPECT_EQ(train({"--threads", threads, "--method", method, "--updates", "20"}).exit_code, 0);
    const auto trained = read_trained(folder_ / "model");
    return dense_matrix(trained.design.computer, trained.design.computer.sets[0]);
  };
  for (const std::string method : {"exact", "gradient"}) {
    const auto one = learned("1", method);
    EXPECT_EQ(learned("2", method), one);
    EXPECT_EQ(learned("7", method), one);
  }
}

TEST_F(generation, gradient_training_reports_its_updates) {
  write_tiny();
  const Answer answer = train({"--method", "gradient", "--updates", "30", "--json", "-"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  const Json training = Json::parse(answer.out)["result"];
  EXPECT_EQ(training["method"], "gradient");
  EXPECT_EQ(training["updates"], 30);
  EXPECT_EQ(training["curve"].size(), 30u);
  EXPECT_NEAR(training["loss_per_step_and_unit"].get<double>(), 0.5,
              0.2);  // near its floor; 100 x 22 squares: 2 % each
}

TEST_F(generation, a_rate_that_diverges_is_told_apart_from_mistakes) {
  write_tiny();
  const Answer answer = train({"--method", "gradient", "--updates", "500", "--rate", "1000"});
  EXPECT_EQ(answer.exit_code, 4) << answer.err;
  EXPECT_EQ(answer.err.rfind("swell: ", 0), 0u);
  EXPECT_FALSE(exists("model"));
}

TEST_F(generation, demo_writes_a_page_to_play_with) {
  write("page.html", "<html><script type=\"application/octet-stream\" id=\"machine\"></script></html>");
  write("other.html", "<html></html>");
  const Answer refused = swell({"demo", "--quick", "-o", "refused", "--play", "other.html"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_NE(refused.err.find("--play other.html is not a page with a place for a machine"), std::string::npos);
  EXPECT_FALSE(exists("refused/samples.npy"));
  ASSERT_EQ(swell({"demo", "--quick", "-o", "demo", "--play", "page.html"}).exit_code, 0);
  EXPECT_NE(text_of(folder_ / "demo/report.html").find("<a href=\"play.html\">"), std::string::npos);
  EXPECT_GT(text_of(folder_ / "demo/play.html").size(), text_of(folder_ / "demo/digits.safetensors").size());
}

TEST_F(generation, demo_gives_one_machine_readable_object) {
  const Answer answer = swell({"demo", "--quick", "-o", "demo", "--json", "-"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  const Json json = Json::parse(answer.out);
  expect_keys(json, {"command", "version", "seed", "threads", "inputs", "result", "diagnostics", "bill", "references",
                     "wall_s"});
  EXPECT_EQ(json["command"], "demo");
  expect_keys(json["result"]["training"], {"method", "images", "residual", "wall_s"});
  EXPECT_EQ(json["result"]["training"]["images"], 3);
  const Json& made = json["result"];
  expect_keys(made, {"samples", "wall_s", "unit_steps_per_s", "heat", "nearest_cosine", "class_counts", "negatives"});
  expect_keys(made["heat"], {"value", "stderr", "count", "unit"});
  expect_keys(made["nearest_cosine"], {"value", "stderr", "count", "unit"});
  EXPECT_EQ(made["class_counts"].size(), 3u);
  EXPECT_GT(made["nearest_cosine"]["value"].get<double>(), 0.8);  // 0.86 +- 0.01 where training works; noise gives 0.05
  expect_keys(json["bill"], {"device", "outside_device_figure", "simulation", "training", "digital"});
  for (const char* name :
       {"digits.safetensors", "report.json", "report.html", "samples.npy", "grid.png", "movie.gif"}) {
    EXPECT_TRUE(exists(std::string("demo/") + name)) << name;
  }
  // A page that opens without a network.
  const std::string page = text_of(folder_ / "demo/report.html");
  EXPECT_EQ(page.find("src=\"http"), std::string::npos);
  EXPECT_EQ(page.find("<script"), std::string::npos);
  EXPECT_TRUE(page.ends_with("</html>\n"));
}

TEST_F(generation, interrupted_run_keeps_the_images_that_were_finished) {
  write_tiny(200);
  ASSERT_EQ(train({"--tolerance", "0.1"}).exit_code, 0);
  Answer answer;
  for (const int wait_ms : {1500, 6000, 24000}) {  // on a busy machine no image may be finished sooner
    answer = swell({"generate", "model", "-n", "4000000", "-o", "out"},
                   {-1, interrupt_after(std::chrono::milliseconds(wait_ms))});
    EXPECT_EQ(answer.exit_code, 130) << answer.err;
    if (contains(answer.out, "interrupted: the ")) break;
  }
  EXPECT_TRUE(contains(answer.out, "interrupted: the ")) << answer.out;
  const auto report = nlohmann::json::parse(text_of(folder_ / "out/report.json"));
  const int64_t images = report["result"]["samples"];
  EXPECT_GT(images, 0);
  EXPECT_LT(images, 4000000);
  EXPECT_EQ(read_npy(folder_ / "out/samples.npy").shape[0], images);
  EXPECT_LT(report["result"]["first_law_share"].get<double>(), 1e-7);
  for (const char* name : {"movie.gif", "grid.png", "report.html"}) EXPECT_TRUE(exists(std::string("out/") + name));
}

TEST_F(generation, interrupted_exact_training_leaves_the_old_model) {
  write_tiny();
  ASSERT_EQ(train().exit_code, 0);
  const std::string before = text_of(folder_ / "model");
  const auto files = names().size();
  // Updates that would take days; the exact method's stages are too short here to be caught in the act.
  write("long.toml", tiny_design(4, 4, 6, 2000000));
  const Answer answer = swell({"train", "long.toml", "--data", "images.idx", "--save", "model"},
                              {-1, [](pid_t child) {
                                 for (int k = 0; k < 2; ++k) {
                                   std::this_thread::sleep_for(std::chrono::milliseconds(500));
                                   ::kill(child, SIGINT);
                                 }
                               }});
  EXPECT_EQ(answer.exit_code, 130);
  EXPECT_TRUE(contains(answer.err, "interrupted")) << answer.err;
  EXPECT_EQ(text_of(folder_ / "model"), before);
  EXPECT_EQ(names().size(), files + 1);
}

// Stopped at moments that the clock decides, then run to its end: the machine of a training that was never stopped.
TEST_F(generation, stopped_gradient_training_goes_on_to_the_same_machine) {
  write_tiny();
  const std::vector<std::string> gradient{"--method", "gradient", "--updates", "3000", "--rate", "1e-4"};
  ASSERT_EQ(train(gradient).exit_code, 0);
  const auto couplings = [&] {
    const Trained trained = read_trained(folder_ / "model");
    EXPECT_EQ(trained.training["updates"], 3000);
    return dense_matrix(trained.design.computer, trained.design.computer.sets[0]);
  };
  const auto whole = couplings();
  std::filesystem::remove(folder_ / "model");
  std::vector<std::string> kept = gradient;
  kept.insert(kept.end(), {"--checkpoint", "part", "--every", "1ms"});
  int stops = 0;
  for (int delay = 100; !exists("model"); delay += 50) {
    const Answer answer = train(kept, {-1, interrupt_after(std::chrono::milliseconds(delay))});
    if (exists("model")) break;
    EXPECT_EQ(answer.exit_code, 130) << answer.err;
    if (!exists("part") || answer.err.empty()) continue;  // before the first update, or before it listens
    EXPECT_TRUE(contains(answer.err, "goes on from it")) << answer.err;
    if (++stops > 1) continue;
    std::vector<std::string> other = kept;
    other.insert(other.end(), {"--seed", "2"});
    EXPECT_TRUE(contains(train(other).err, "another training"));
  }
  EXPECT_EQ(couplings(), whole);
  EXPECT_FALSE(exists("part"));
  expect_refused(2,
                 {"train", "tiny.toml", "--data", "images.idx:labels.idx", "--save", "model", "--checkpoint", "part"},
                 {"--checkpoint", "--method gradient"});
}

TEST_F(generation, gradient_training_ends_with_its_budget) {
  write_tiny();
  const Answer answer =
      train({"--method", "gradient", "--updates", "100000000", "--rate", "1e-4", "--budget", "0.3s", "--json", "-"});
  ASSERT_EQ(answer.exit_code, 0) << answer.err;
  EXPECT_LT(Json::parse(answer.out)["result"]["updates"].get<int>(), 100000000);
}

TEST_F(generation, interrupted_gradient_training_keeps_what_was_learned) {
  write_tiny();
  const Answer answer = train({"--method", "gradient", "--updates", "100000000", "--rate", "1e-4"},
                              {-1, interrupt_after(std::chrono::milliseconds(700))});
  EXPECT_EQ(answer.exit_code, 130) << answer.err;
  EXPECT_TRUE(contains(answer.out + answer.err, "interrupted"));
  const auto trained = read_trained(folder_ / "model");
  EXPECT_GE(trained.training["updates"].get<int>(), 1);
  EXPECT_LT(trained.training["updates"].get<int>(), 100000000);
  const Answer generated = swell({"generate", "model", "-n", "2", "-o", "out"});
  EXPECT_EQ(generated.exit_code, 0) << generated.err;
}

}  // namespace swell::test

# Makes several_classes_proc.json: scores of three classes with ties, and their areas by pROC (Hand and Till 2001) and
# tests by R itself: Rscript tests/reference/several_classes_proc.R (pROC 1.18.0, R 4.2.2).
suppressMessages(library(pROC))
file <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))
number <- function(x) paste0("[", paste(sprintf("%.17g", as.numeric(x)), collapse = ", "), "]")

set.seed(4)
truth <- rep(0:2, c(65, 18, 4))
raw <- matrix(round(rnorm(87 * 3), 1), 87) + outer(truth, 0:2, "==")
score <- round(exp(raw) / rowSums(exp(raw)), 3)
colnames(score) <- 0:2
together <- multiclass.roc(factor(truth), score, quiet = TRUE)
each <- sapply(0:2, function(k) {
  as.numeric(auc(roc(as.integer(truth == k), score[, k + 1], levels = c(0, 1), direction = "<", quiet = TRUE)))
})
called <- max.col(score, ties.method = "first") - 1
test <- binom.test(sum(called == truth), 87, 65 / 87, alternative = "greater")
limits <- sapply(0:2, function(k) {
  prop.test(sum(called[truth == k] == k), sum(truth == k), correct = FALSE)$conf.int
})
rows <- c(
  truth = number(truth), score = paste0("[", paste(apply(score, 1, number), collapse = ", "), "]"),
  auc_ovo_macro = sprintf("%.17g", as.numeric(together$auc)), auc = number(each),
  p = sprintf("%.17g", test$p.value), sensitivity_low = number(limits[1, ]), sensitivity_high = number(limits[2, ])
)
text <- paste0("{\n", paste0("  \"", names(rows), "\": ", rows, collapse = ",\n"), "\n}\n")
cat(text, file = sub("[.]R$", ".json", file))

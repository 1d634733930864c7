# Makes delong_proc.json from pROC's aSAH data: Rscript tests/reference/delong_proc.R (pROC 1.18.0, R 4.2.2).
suppressMessages(library(pROC))
data(aSAH)
file <- sub("--file=", "", grep("--file=", commandArgs(), value = TRUE))
number <- function(x) paste0("[", paste(sprintf("%.17g", as.numeric(x)), collapse = ", "), "]")
matrix_of <- function(m) paste0("[", paste(apply(m, 1, number), collapse = ", "), "]")

truth <- as.integer(aSAH$outcome == "Poor")
scores <- list(s100b = aSAH$s100b, ndka = aSAH$ndka, wfns = as.numeric(aSAH$wfns))
curves <- lapply(scores, function(s) roc(truth, s, levels = c(0, 1), direction = "<", quiet = TRUE))
areas <- sapply(curves, auc)
covariance <- sapply(curves, function(a) sapply(curves, function(b) cov(a, b, method = "delong")))
diag(covariance) <- sapply(curves, function(a) var(a, method = "delong"))
plain <- t(sapply(curves, function(a) as.numeric(ci.auc(a, method = "delong"))[c(1, 3)]))
half <- qnorm(0.975) * sqrt(diag(covariance)) / (areas * (1 - areas))
logit <- cbind(plogis(qlogis(areas) - half), plogis(qlogis(areas) + half))
pairs <- list(c(1, 2), c(1, 3), c(2, 3))
tests <- t(sapply(pairs, function(p) {
  test <- roc.test(curves[[p[1]]], curves[[p[2]]], method = "delong", paired = TRUE)
  c(test$statistic, test$p.value, test$conf.int)
}))
text <- c(
  sprintf('{"made by": "pROC %s, data aSAH",', packageVersion("pROC")),
  paste0('"truth": ', number(truth), ","),
  paste0('"', names(scores), '": ', sapply(scores, number), ","),
  paste0('"auc": ', number(areas), ","),
  paste0('"covariance": ', matrix_of(covariance), ","),
  paste0('"plain interval": ', matrix_of(plain), ","),
  paste0('"logit interval": ', matrix_of(logit), ","),
  paste0('"paired z, p, low, high": ', matrix_of(tests), "}")
)
writeLines(text, sub("\\.R$", ".json", file))

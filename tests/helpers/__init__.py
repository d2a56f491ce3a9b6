"""What tests share: small experiments, made-up runs, figures drawn from them."""

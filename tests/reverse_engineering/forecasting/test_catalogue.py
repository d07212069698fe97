"""The default models can be listed without JAX, which only a fit by gradient needs."""

import subprocess
import sys


def test_the_catalogue_does_not_load_jax() -> None:
    code = (
        "import sys; import hebbayes.reverse_engineering.forecasting.catalogue as catalogue; "
        "catalogue.default_models(has_latent=True); sys.exit('jax' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

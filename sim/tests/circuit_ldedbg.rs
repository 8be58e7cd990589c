include!("/tmp/lde/base.rs");
#[test]
fn dbg() {
    let mut rng = ChaCha8Rng::seed_from_u64(1);
    for (lanes, nmax, n, b) in [(2, 8, 5, 0), (2, 8, 4, 1), (2, 8, 6, 0), (2, 5, 5, 0), (4, 8, 5, 0)] {
        let mut model = open(&Geometry { lanes, log_rows_max: nmax, log_blowup_max: 1 });
        model.steps(2000).unwrap();
        for which in 0..3 {
            let (shape, mut words) = random_job(&mut rng, n, b, 1);
            if which == 0 {
                words.iter_mut().for_each(|w| *w = to_montgomery(1));
            }
            if which == 1 {
                words.iter_mut().enumerate().for_each(|(k, w)| *w = to_montgomery(if k < 8 { 1 } else { 0 }));
            }
            start(&mut model, &shape, 1);
            let (mut s, mut m) = ([model.stream("s_").unwrap()], [model.stream("m_").unwrap()]);
            s[0].send(&words);
            m[0].want(1 << (n + b));
            model.run(&mut s, &mut m, LIMITS).unwrap();
            let e = labelled(&shape, &words, 1);
            let bad: Vec<usize> =
                e.iter().zip(m[0].received()).enumerate().filter(|(_, (a, b))| a != b).map(|(k, _)| k).collect();
            println!(
                "lanes {lanes} nmax {nmax} n {n} b {b} which {which}: bad {} of {} first {:?}",
                bad.len(),
                e.len(),
                &bad[..bad.len().min(24)]
            );
        }
    }
}

use unlith::base::{Idx, UnitId};
use unlith::graph::Graph;
use unlith::project::*;
use unlith::size::*;
#[test]
fn modes() {
    for (n, pk) in [("e", ""), ("w", "unix,str,base,stdio")] {
        let dir = std::path::Path::new("/tmp/u/m");
        let mut options = LoadOptions::of_process();
        options.packages = pk.split(',').filter(|p| !p.is_empty()).map(str::to_owned).collect();
        let project = load_files(&[dir.join(format!("{n}.ml"))], &options).unwrap();
        let (mut objects, _) = load_objects(&project);
        assert!(objects.load_system().is_none());
        let own = project.programs[0].own_units[0];
        objects.units[own.idx()] = measure_objects(&std::fs::read(dir.join(format!("{n}.o"))).unwrap()).unwrap().pop();
        objects.link[own.idx()] = Some(read_cmx(&std::fs::read(dir.join(format!("{n}.cmx"))).unwrap()).unwrap());
        let sizes = compute(&project, &Graph::default(), |_| None, &objects, Profile::Pie);
        for (m, mode) in [("pie", LinkMode::DEFAULT), ("nopie", LinkMode::NO_PIE), ("noexp", LinkMode::NO_EXPORT), ("both", LinkMode::FIXED), ("static", LinkMode::STATIC)] {
            let exe = read_executable(&std::fs::read(dir.join(format!("{n}.{m}.exe"))).unwrap()).unwrap();
            let linked: Vec<UnitId> = exe.units.iter().map(|(name, _)| UnitId::new(project.units.iter().position(|u| u.name == *name).unwrap())).collect();
            let size = predict_in(&project, &sizes, &objects, &linked, &project.programs[0].libraries, mode);
            println!("{n} {m}: alloc {} {} ({:+}) stripped {:+} file {:+}", size.alloc, exe.alloc, size.alloc as i64 - exe.alloc as i64, size.stripped as i64 - exe.stripped as i64, size.unstripped as i64 - exe.file as i64);
            let mut names: std::collections::BTreeMap<String, (i64, i64)> = Default::default();
            for (k, v) in &size.sections { names.entry(k.to_string()).or_default().0 = *v as i64; }
            for (k, v, _) in &exe.sections { names.entry(k.to_string()).or_default().1 = *v as i64; }
            for (k, (p, a)) in names { if p != a && !k.starts_with(".debug") { println!("   {k} {p} {a} {:+}", p - a); } }
        }
    }
}
